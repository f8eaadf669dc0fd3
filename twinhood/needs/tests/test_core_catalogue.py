"""Promises of the catalogue: whole in every language, and known to the log and the drawings."""

import re

import pytest

from twinhood.needs.core import catalogue
from twinhood.needs.models import Need

KINDS = list(catalogue.kinds().values())


def test_it_has_what_cities_and_hospitals_ask_for() -> None:
    asked = (
        "ambulance-a ambulance-b ambulance-c fire-engine trash-truck excavator bus mri x-ray"
        " ultrasound ventilator defibrillator generator power-station boiler transformer"
        " water-pump water-purification"
    )

    assert set(asked.split()) <= set(catalogue.kinds())
    assert sum(len(group.kinds) for group in catalogue.groups()) == len(KINDS)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.code)
def test_a_kind_is_whole(kind: catalogue.Kind) -> None:
    texts = [kind.title, kind.one, *(q.label for q in kind.questions)]
    texts += [q.hint for q in kind.questions] + ([kind.about] if kind.about else [])

    assert re.fullmatch(r"[a-z-]{2,40}", kind.code)
    assert kind.category in Need.Category.values
    assert re.fullmatch(r"\d{8}", kind.cpv)
    assert kind.questions
    assert all(set(text) == {"en", "uk"} and all(text.values()) for text in texts)


def test_every_group_has_a_name_in_both_languages() -> None:
    assert all(set(group.title) == {"en", "uk"} for group in catalogue.groups())


def test_only_answered_questions_are_told_in_the_order_of_the_catalogue() -> None:
    told = catalogue.answered("generator", {"fuel": "diesel", "rating_kva": "25", "head": "60"})

    assert [(q.code, answer) for q, answer in told] == [("rating_kva", "25"), ("fuel", "diesel")]
    assert catalogue.answered("", {"fuel": "diesel"}) == []
