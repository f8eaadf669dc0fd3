"""Promises of the pure core: versions, changes, differences, wording, powers, states."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.twinnings.core import capacity, law, states
from twinhood.twinnings.core.capacity import Powers
from twinhood.twinnings.core.difference import Fate, difference
from twinhood.twinnings.core.drafting import (
    ARTICLES_MAX,
    BOTH,
    Article,
    Change,
    ChangeKind,
    Content,
    Paper,
    Side,
    WhyNot,
    changed,
    content_of,
    gaps,
    why_not_change,
)
from twinhood.twinnings.core.model_text import FOLDER, Party, begun
from twinhood.twinnings.core.wording import flaw_in, tidy
from twinhood.twinnings.models import Draft

PARTY = Party({"en": "Stamford", "uk": "Стемфорд"}, {"en": "the City", "uk": "місто"},
              {"en": "DEMO, mayor", "uk": "DEMO, мер"})  # fmt: skip
PARTIES = dict.fromkeys(BOTH, PARTY)
KINDS = [str(kind) for kind in Draft.Kind]


def model(kind: str = "sister", *, is_companion: bool = False) -> Content:
    return begun(kind, ("en", "uk"), PARTIES, is_companion=is_companion)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_begins_with_whole_texts_in_both_languages(kind: str) -> None:
    content = model(kind)

    assert [gap for gap in gaps(content) if not gap.blank] == []
    assert len(content.articles()) >= 6
    assert all("{" not in text for a in content.articles() for text in (*a.heading.values(),
               *a.text.values()))  # fmt: skip
    # What is typed by people must be as fit to be signed as what we wrote.
    for article in content.articles():
        for text in (*article.heading.values(), *article.text.values()):
            assert flaw_in(text, length_max=10_000) is None
            assert tidy(text) == text


def test_two_companion_papers_are_signed_by_one_side_each_and_share_no_key() -> None:
    content = model(is_companion=True)

    assert [paper.signers for paper in content.papers] == [(Side.GIVING,), (Side.RECEIVING,)]
    keys = [article.key for article in content.articles()]
    assert len(keys) == len(set(keys))


def test_models_say_that_lawyers_check_them() -> None:
    assert all("Lawyers" in path.read_text("utf-8") for path in FOLDER.glob("*.toml"))


def test_a_language_without_a_model_begins_empty_and_is_a_gap() -> None:
    content = begun("friendship", ("en", "de"), PARTIES, is_companion=False)

    assert {gap.language for gap in gaps(content)} == {"de"}


def test_a_version_is_read_back_from_its_bytes_with_the_same_hash() -> None:
    content = model("aid")

    assert content_of(content.encoded()) == content
    assert content_of(content.encoded()).sha256 == content.sha256


texts = st.text("абвabc «».\n", min_size=1, max_size=30).map(str.strip).filter(bool)


@given(st.data())
def test_changes_make_new_versions_and_leave_the_old_one_as_it_was(data: st.DataObject) -> None:
    content = before = model()
    encoded = before.encoded()
    for turn in range(data.draw(st.integers(1, 8))):
        key = data.draw(st.sampled_from([article.key for article in content.articles()]))
        kind = data.draw(st.sampled_from(list(ChangeKind)))
        stands = content.article(key)
        assert stands is not None
        words = {"en": data.draw(texts), "uk": data.draw(texts)}
        change = Change(kind, key, stands.digest, words, words)
        if why_not_change(content, change):
            continue
        after = changed(content, change, new_key=1000 + turn)
        count = {ChangeKind.ADD: 1, ChangeKind.REMOVE: -1, ChangeKind.REWORD: 0}[kind]
        assert len(after.articles()) == len(content.articles()) + count
        assert len({article.key for article in after.articles()}) == len(after.articles())
        content = after

    assert before.encoded() == encoded


def test_a_change_of_words_that_somebody_else_changed_is_stale() -> None:
    content = model()
    key = content.articles()[2].key
    stands = content.article(key)
    assert stands is not None
    words = {"en": "x", "uk": "х"}
    mine = Change(ChangeKind.REWORD, key, stands.digest, words, words)
    after = changed(content, mine, new_key=99)

    theirs = Change(ChangeKind.REWORD, key, stands.digest, {"en": "y"}, {"en": "y"})

    assert why_not_change(after, theirs) is WhyNot.STALE
    assert why_not_change(after, Change(ChangeKind.REMOVE, key, stands.digest, {}, {}))
    assert why_not_change(content, Change(ChangeKind.REMOVE, 1, model().articles()[0].digest,
                                          {}, {})) is WhyNot.OPENING  # fmt: skip


def test_there_are_at_most_two_hundred_articles() -> None:
    article = Article(1, {"en": "a", "uk": "а"}, {"en": "a", "uk": "а"})
    many = tuple(replace(article, key=key) for key in range(1, ARTICLES_MAX + 1))
    full = Content("aid", ("en", "uk"), (Paper(BOTH, many),))
    one_more = Change(ChangeKind.ADD, 7, "", article.heading, article.text)

    assert why_not_change(full, one_more) is WhyNot.MANY


@given(before=st.text("абв xyz,.\n ’"), after=st.text("абв xyz,.\n ’"))
def test_a_difference_holds_both_texts_whole(before: str, after: str) -> None:
    stretches = difference(before, after)

    assert "".join(s.text for s in stretches if s.fate is not Fate.ADDED) == before
    assert "".join(s.text for s in stretches if s.fate is not Fate.GONE) == after


def test_a_difference_is_told_in_words() -> None:
    told = [(s.fate, s.text) for s in difference("holds for five years.", "holds for ten years.")]

    assert told == [
        (Fate.KEPT, "holds for "), (Fate.GONE, "five "), (Fate.ADDED, "ten "),
        (Fate.KEPT, "years."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "what", "line"),
    [
        ("fine\nthe \u202efo yrammuS", "U+202E", 2),
        ("zero\u200bwidth", "U+200B", 1),
        ("Kramаtorsk and Stamford", "Kramаtorsk", 1),  # its third a is Cyrillic
        ("help 🚑 at once", "🚑", 1),
        ("مدينة", "U+0645", 1),
        ("王伟", "王", 1),
        ("x" * 101, "101", 1),
    ],
)
def test_text_that_cannot_be_signed_is_refused_with_its_place(
    typed: str, what: str, line: int
) -> None:
    flaw = flaw_in(tidy(typed), length_max=100)

    assert flaw is not None
    assert (flaw.what, flaw.line) == (what, line)


@pytest.mark.parametrize(
    "typed",
    ["Kramatorsk’s 12,5 % — §3, №4", "«Угода» про їжу й ґанок", "Ελλάδα", "a)\n\nb)", "USB-порт"],
)
def test_ordinary_legal_text_is_taken_as_it_is(typed: str) -> None:
    assert tidy(typed) == typed
    assert flaw_in(typed, length_max=100) is None


POWERS = Powers(place_id=1, person_id=7, since_date=date(2026, 1, 1),
                until_date=date(2026, 8, 31), has_legal_basis=True)  # fmt: skip


@pytest.mark.parametrize(
    ("today", "refusal"),
    [
        (date(2025, 12, 31), capacity.Refusal.NOT_BEGUN),
        (date(2026, 1, 1), None),
        (date(2026, 8, 31), None),
        (date(2026, 9, 1), capacity.Refusal.ENDED),
    ],
)
def test_powers_that_ended_yesterday_sign_nothing(
    today: date, refusal: capacity.Refusal | None
) -> None:
    assert capacity.why_not_sign(POWERS, place_id=1, person_id=7, today=today) is refusal


def test_powers_are_of_one_person_for_one_city() -> None:
    today = date(2026, 5, 1)

    assert capacity.why_not_sign(POWERS, place_id=2, person_id=7, today=today) == "other_side"
    assert capacity.why_not_sign(POWERS, place_id=1, person_id=8, today=today) == "other_person"
    assert capacity.why_not_sign(POWERS, place_id=1, person_id=None, today=today) is None


def test_one_side_alone_suspends_and_the_same_side_resumes() -> None:
    become = states.why_not_become

    assert become("in_force", "suspended", side="giving", suspended_by=None) is None
    assert become("suspended", "in_force", side="giving", suspended_by="giving") is None
    assert become("suspended", "in_force", side="receiving", suspended_by="giving")
    assert become("ended", "in_force", side="giving", suspended_by=None) is states.Refusal.NO_WAY
    assert become("ended", "emeritus", side="giving", suspended_by=None) is None
    assert become("resolved", "half_signed", side="giving", suspended_by=None)


@pytest.mark.parametrize(
    ("countries", "dated", "has_approval", "is_missing"),
    [
        (["US", "UA"], date(2025, 3, 28), False, False),
        (["US", "UA"], date(2025, 3, 29), False, True),
        (["US", "UA"], date(2025, 3, 29), True, False),
        (["US", "PL"], date(2026, 3, 29), False, False),
    ],
)
def test_a_ukrainian_agreement_names_the_ministrys_approval_since_april_2025(
    countries: list[str], dated: date, has_approval: bool, is_missing: bool
) -> None:
    assert law.lacks_approval(countries, dated=dated, has_approval=has_approval) is is_missing
