"""Promises of the desk's pages of agreements, seen through a browser without JavaScript."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from twinhood.kit import clock
from twinhood.people.models import Partnership
from twinhood.twinnings import drafting, errors, words
from twinhood.twinnings.core import capacity, states
from twinhood.twinnings.core.drafting import Side, WhyNot
from twinhood.twinnings.models import Draft, Proposal, Term
from twinhood.twinnings.tests.world import AT, Cities, article_of


@pytest.fixture
def cities(partnership: Partnership) -> Cities:
    return Cities(partnership)


@pytest.fixture(autouse=True)
def _september_in_english() -> Iterator[None]:
    with clock.showing(AT), translation.override("en"):
        yield


def address(name: str, *more: Any) -> str:
    return reverse(f"twinnings:{name}", args=["stamford-kramatorsk", *more])


def words_of(response: Any) -> str:
    return " ".join(response.content.decode().split())


def begun(client: Client, **changes: Any) -> Any:
    sent = {"form_key": uuid4(), "kind": "sister", "papers": "one", "first_language": "en",
            "second_language": "uk"} | changes  # fmt: skip
    return client.post(address("new_draft"), sent, follow=True)


def form_of(draft: Draft, key: int, **changes: Any) -> dict[str, Any]:
    """What the article's page would send, with changes."""
    article = article_of(drafting.last_version(draft).text, key)
    return {
        "form_key": uuid4(), "seen": article.digest, "reason": "",
        "heading_first": article.heading["en"], "heading_second": article.heading["uk"],
        "text_first": article.text["en"], "text_second": article.text["uk"],
    } | changes  # fmt: skip


def test_two_clerks_write_an_agreement_and_agree_to_one_exact_version(cities: Cities) -> None:
    cities.term(Side.GIVING, cities.mayor)
    cities.term(Side.RECEIVING, cities.head)
    dana, iryna = cities.signed_in(cities.dana), cities.signed_in(cities.iryna)
    page = begun(dana)
    assert "A draft to be checked by lawyers" in words_of(page)
    draft = Draft.objects.get()
    sent = form_of(draft, 4, text_first="Each City names two coordinators.", reason="Holidays.")
    page = dana.post(address("article", 1, 4), sent, follow=True)
    assert "Proposed. The other city reads it and decides." in words_of(page)

    page = iryna.get(address("article", 1, 4))
    assert '<ins><span class="vh">[new: </span>two coordinators' in words_of(page)
    proposal = Proposal.objects.get()
    iryna.post(address("decision", 1, proposal.pk), {"accept": "1"})
    version = drafting.last_version(draft)
    assert version.number == 2
    for client in (dana, iryna):
        page = client.post(address("mark", 1), {"seen": version.sha256}, follow=True)
        assert "Marked: your city agrees" in words_of(page)

    assert version.marks.count() == 2
    assert "From version 1 to version 2" in words_of(dana.get(address("versions", 1)))


def test_what_was_changed_meanwhile_is_shown_beside_what_was_typed(cities: Cities) -> None:
    dana = cities.signed_in(cities.dana)
    draft = cities.draft()
    sent = form_of(draft, 2, text_first="My own words, typed for an hour.")
    cities.reword(draft, 2, "Theirs", cities.iryna, Side.RECEIVING)

    page = dana.post(address("article", 1, 2), sent)

    assert page.status_code == 409
    said = words_of(page)
    assert "The article was changed while you wrote." in said
    assert "My own words, typed for an hour." in said
    assert "Theirs" in said
    assert not draft.proposals.filter(state="open").exists()
    # The form on that page, sent as it is, now proposes against what stands.
    seen = article_of(drafting.last_version(draft).text, 2).digest
    assert f'name="seen" value="{seen}"' in said
    page = dana.post(address("article", 1, 2), sent | {"seen": seen}, follow=True)
    assert draft.proposals.filter(state="open").count() == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("fine\nthe \u202efo yrammuS", "Line 2 holds U+202E"),
        ("zero\u200bwidth", "a character that nobody can see (U+200B)"),
        ("Kramаtorsk", "The word “Kramаtorsk” in line 1 mixes letters"),
        ("help 🚑", "“🚑” in line 1 is a picture"),
        ("مدينة", "Line 1 holds U+0645, which is written from right to left"),
        ("王伟", "“王” in line 1 cannot be printed"),
        ("x" * 102_400, "This has 102400 characters, and at most 10000 fit."),
        ("", "Write heading and text in at least one"),
    ],
)
def test_bad_text_gets_a_clear_sentence_and_is_not_lost(
    cities: Cities, typed: str, said: str
) -> None:
    draft = cities.draft()
    sent = form_of(draft, 3, text_first=typed, heading_second="", text_second="")

    page = cities.signed_in(cities.dana).post(address("article", 1, 3), sent)

    assert page.status_code == 422
    assert said in words_of(page)
    assert "Problem:" in words_of(page)
    assert not draft.proposals.exists()
    assert article_of(drafting.last_version(draft).text, 3).heading["en"] in words_of(page)


def test_a_draft_of_two_hundred_articles_is_read_on_one_page(cities: Cities) -> None:
    draft = cities.draft()
    content = drafting.last_version(draft).text
    while len(content.articles()) < 200:
        content = _one_more(draft, content, cities)
    page = cities.signed_in(cities.dana).get(address("draft", 1))
    assert page.status_code == 200
    last = content.articles()[-1].key
    sent = form_of(draft, last) | {"after": last, "heading_first": "One too many"}

    page = cities.signed_in(cities.dana).post(address("new_article", 1), sent)

    assert page.status_code == 422
    assert "An agreement has at most 200 articles." in words_of(page)


def _one_more(draft: Draft, content: Any, cities: Cities) -> Any:
    """Fill a draft up quickly: what 190 accepted proposals would make, as one version."""
    from dataclasses import replace

    paper = content.papers[0]
    model = paper.articles[-1]
    more = [replace(model, key=1000 + n) for n in range(200 - len(paper.articles))]
    full = replace(content, papers=(replace(paper, articles=(*paper.articles, *more)),))
    drafting._write(draft, full, number=2, by=cities.dana, at=AT, proposal=None)
    return full


def test_only_the_cities_administrations_write(cities: Cities) -> None:
    draft = cities.draft()
    bondar = cities.signed_in(cities.bondar)

    assert begun(bondar).status_code == 403
    assert bondar.post(address("article", 1, 2), form_of(draft, 2)).status_code == 403
    assert bondar.post(address("mark", 1), {}).status_code == 403
    assert "Propose other words" not in words_of(bondar.get(address("article", 1, 2)))


def test_a_decision_with_its_votes_is_recorded_and_the_missing_approval_is_warned_of(
    cities: Cities,
) -> None:
    cities.draft()
    dana, iryna = cities.signed_in(cities.dana), cities.signed_in(cities.iryna)
    sent = {"step-kind": "resolution", "step-number": "LR31.042", "step-step_date": "2026-08-03",
            "step-body": "Board of Representatives", "step-votes_for": 34,
            "step-votes_against": 0, "step-votes_abstained": 1,
            "step-source": "https://example.org/minutes"}  # fmt: skip

    page = dana.post(address("steps", 1), sent, follow=True)

    assert "Votes: for 34, against 0, abstained 1" in words_of(page)
    assert "No approval of the ministry is recorded." in words_of(page)
    page = iryna.post(address("steps", 1), sent | {"step-kind": "approval"}, follow=True)
    assert "No approval of the ministry is recorded." not in words_of(page)
    page = dana.post(address("steps", 1), sent | {"step-step_date": "2027-01-01"})
    assert page.status_code == 422
    assert 'value="LR31.042"' in words_of(page)


def test_powers_are_recorded_and_end_with_a_reason(cities: Cities) -> None:
    iryna = cities.signed_in(cities.iryna)
    sent = {
        "term-office_en": "Head of the city military administration",
        "term-office_uk": "Начальник міської військової адміністрації",
        "term-holder_en": "DEMO", "term-legal_basis_en": "Decree of the President",
        "term-act_number": "77/2026", "term-since_date": "2026-01-10",
        "term-person": cities.head.pk,
    }  # fmt: skip
    page = iryna.post(address("offices"), sent, follow=True)
    assert "no. 77/2026" in words_of(page)
    term = Term.objects.get()

    refused = iryna.post(address("ending", term.pk), {"end-until_date": "2026-08-31"})
    iryna.post(
        address("ending", term.pk), {"end-until_date": "2026-08-31", "end-reason": "New head."}
    )

    assert refused.status_code == 422
    term.refresh_from_db()
    assert str(term.until_date) == "2026-08-31"
    assert cities.signed_in(cities.dana).post(address("ending", term.pk), {}).status_code == 403


def test_every_refusal_has_its_sentence() -> None:
    kinds = errors.AgreementError.__subclasses__()
    with_facts: dict[type, errors.AgreementError] = {
        errors.CannotChange: errors.CannotChange(WhyNot.STALE),
        errors.MayNotSign: errors.MayNotSign(capacity.Refusal.ENDED),
        errors.CannotBecome: errors.CannotBecome(states.Refusal.NO_WAY),
        errors.NotReady: errors.NotReady([]),
    }

    said = [words.sentence_for(with_facts.get(kind) or kind()) for kind in kinds]

    assert all(re.fullmatch(r"[A-Z].+\.", sentence) for sentence in said)
    assert set(words.WHY_NOT) == set(WhyNot)
    assert set(words.MAY_NOT_SIGN) == set(capacity.Refusal)
    assert set(words.CANNOT_BECOME) == set(states.Refusal)


def test_a_city_without_a_name_in_the_language_is_named_before_its_paper(cities: Cities) -> None:
    place = cities.partnership.giving_place
    place.local_names = None
    place.save()
    dana = cities.signed_in(cities.dana)
    assert "місто Стемфорд" not in words_of(begun(dana))
    assert not Draft.objects.exists()
    latin = begun(dana, giving_uk="Stamford")
    assert "letters of that language" in words_of(latin)
    mixed = begun(dana, giving_uk="Cтемфорд")  # a Latin C
    assert mixed.redirect_chain == []
    assert "місто Стемфорд" in words_of(begun(dana, giving_uk=" Стемфорд "))
    place.refresh_from_db()
    assert place.name_in("uk") == "Стемфорд"
    named = place.names.get(language="uk", is_preferred=True)
    assert named.source == str(cities.dana.roles.get().organisation)
    # Once is enough, and Latin letters are no question.
    assert "giving_uk" not in words_of(dana.get(address("new_draft")))
    assert begun(dana, first_language="pl").redirect_chain
