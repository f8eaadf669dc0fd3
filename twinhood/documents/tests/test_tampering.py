"""No altered paper is called good, and each is told what is the matter with it."""

import random
from collections.abc import Iterator

import pytest

from twinhood.documents.core.checking import check
from twinhood.documents.core.checking_report import Known, Verdict
from twinhood.documents.core.checking_telling import verdict_of
from twinhood.documents.tests import signed_papers as papers
from twinhood.documents.tests import tampering
from twinhood.documents.tests.signed_papers import NOW, World
from twinhood.documents.tests.tampering import Altered

SEED = 6042023
FLIPS_ANYWHERE = 150
FLIPS_IN_CONTAINER = 150


@pytest.fixture(scope="module")
def other(authority: World) -> bytes:
    """Another paper by the same people."""
    source = papers.SOURCE.replace("The cities help each other.", "One city helps the other.")
    first = papers.signed(
        papers.frozen(source), authority, "kramatorsk", authority.kramatorsk, at=papers.SIGNED
    )
    both = papers.signed(first, authority, "stamford", authority.stamford, at=papers.COUNTERSIGNED)
    return papers.stamped(both, authority)


def wrongly_judged(alterations: Iterator[Altered], known: Known) -> list[str]:
    """Those that are called good, or bad for another reason than what was done to them."""
    wrong = []
    for altered in alterations:
        report = check(altered.data, known, at=NOW)
        code = report.decisive.code if report.decisive else ""
        if report.verdict is Verdict.HOLDS or code not in altered.decisive:
            wrong.append(f"{altered.how}: {report.verdict}, {code}: {verdict_of(report)}")
    return wrong


def test_what_is_appended_to_a_signed_paper_is_seen(
    authority: World, complete: bytes, trusting: Known
) -> None:
    assert wrongly_judged(tampering.updates(complete, authority), trusting) == []


def test_an_empty_place_that_draws_over_a_signed_page_is_seen(
    authority: World, complete: bytes, trusting: Known
) -> None:
    assert wrongly_judged(tampering.places(complete, authority), trusting) == []


def test_a_file_cut_lengthened_or_saved_anew_is_seen(
    complete: bytes, other: bytes, trusting: Known
) -> None:
    assert wrongly_judged(tampering.frames(complete, other), trusting) == []


def test_nothing_in_the_last_container_can_be_other(
    authority: World, complete: bytes, other: bytes, trusting: Known
) -> None:
    assert wrongly_judged(tampering.containers(complete, authority, other), trusting) == []


def test_a_signature_in_a_place_of_its_own_does_not_pass_for_one_of_the_papers(
    authority: World, complete: bytes, trusting: Known
) -> None:
    assert wrongly_judged(tampering.strangers(complete, authority), trusting) == []


def test_there_are_a_hundred_altered_papers_of_many_kinds(
    authority: World, complete: bytes, other: bytes
) -> None:
    altered = [
        *tampering.updates(complete, authority),
        *tampering.frames(complete, other),
        *tampering.containers(complete, authority, other),
        *tampering.strangers(complete, authority),
    ]

    assert len({one.data for one in altered}) >= 100
    assert complete not in {one.data for one in altered}


@pytest.mark.slow
def test_no_single_bit_can_be_other_anywhere(complete: bytes, trusting: Known) -> None:
    chance = random.Random(SEED)  # noqa: S311 - repeatable, not secret.
    begins, ends = tampering.last_gap(complete)
    places = [chance.randrange(len(complete)) for _ in range(FLIPS_ANYWHERE)]
    places += [chance.randrange(begins, ends) for _ in range(FLIPS_IN_CONTAINER)]

    good = []
    for place in places:
        data = bytearray(complete)
        data[place] ^= 1 << chance.randrange(8)
        report = check(bytes(data), trusting, at=NOW)
        if report.verdict is Verdict.HOLDS or not verdict_of(report):
            good.append(place)

    assert good == []
