"""Promises of agreements on their way, kept by the verbs and by the database itself."""

from datetime import date
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from twinhood.people.models import Partnership
from twinhood.twinnings import drafting, errors
from twinhood.twinnings.core.drafting import Change, ChangeKind, Side, WhyNot
from twinhood.twinnings.models import Comment, Draft, Mark, Proposal, Step, Version
from twinhood.twinnings.tests.world import AT, DAY, Cities, rewording


@pytest.fixture
def cities(partnership: Partnership) -> Cities:
    return Cities(partnership)


def agree(draft: Draft, cities: Cities, *sides: Side) -> None:
    """Both sides, or those named, mark the last version."""
    seen = drafting.last_version(draft).sha256
    for side in sides or (Side.GIVING, Side.RECEIVING):
        by = cities.dana if side == Side.GIVING else cities.iryna
        drafting.mark_agreed(draft=draft, seen_sha256=seen, by=by, side=side, at=AT)


def signatories(cities: Cities) -> None:
    cities.term(Side.GIVING, cities.mayor)
    cities.term(Side.RECEIVING, cities.head)


def test_a_draft_begins_filled_with_what_is_known_of_the_cities(cities: Cities) -> None:
    signatories(cities)

    content = drafting.last_version(cities.draft()).text

    opening = content.papers[0].opening
    assert opening.heading["uk"] == "Угода про побратимство міст: Краматорськ і Стемфорд"
    assert (
        "the territorial community (hromada) whose centre is the city of Kramatorsk"
        in (opening.text["en"])
    )
    assert "Mayor, DEMO" in opening.text["en"]


def test_sending_the_form_twice_begins_one_draft(cities: Cities) -> None:
    key = uuid4()
    for _ in range(2):
        drafting.begin(
            partnership=cities.partnership, kind=Draft.Kind.AID, is_companion=False,
            languages=("en", "uk"), by=cities.dana, side=Side.GIVING, at=AT, form_key=key,
        )  # fmt: skip

    assert Draft.objects.count() == 1


def test_nothing_changes_before_the_other_city_accepts(cities: Cities) -> None:
    draft = cities.draft()
    before = drafting.last_version(draft)
    change = rewording(before.text, 2, "Other words")
    proposal = drafting.propose(
        draft=draft, change=change, reason="", by=cities.dana, side=Side.GIVING, at=AT
    )

    assert drafting.last_version(draft) == before
    with pytest.raises(errors.OwnProposal):
        drafting.accept(proposal=proposal, by=cities.dana, side=Side.GIVING, at=AT)
    after = drafting.accept(proposal=proposal, by=cities.iryna, side=Side.RECEIVING, at=AT)

    assert after.number == 2
    found = after.text.article(2)
    assert found is not None
    assert found.text["uk"] == "Other words"
    assert before.text.article(2) != found


def test_of_two_proposals_to_one_article_the_second_is_not_laid_over_the_first(
    cities: Cities,
) -> None:
    draft = cities.draft()
    content = drafting.last_version(draft).text
    mine, theirs = (
        drafting.propose(draft=draft, change=rewording(content, 2, words), reason="", by=by,
                         side=side, at=AT)
        for words, by, side in (("A", cities.dana, Side.GIVING),
                                ("B", cities.iryna, Side.RECEIVING))
    )  # fmt: skip
    drafting.accept(proposal=mine, by=cities.iryna, side=Side.RECEIVING, at=AT)

    with pytest.raises(errors.CannotChange) as refused:
        drafting.accept(proposal=theirs, by=cities.dana, side=Side.GIVING, at=AT)

    assert refused.value.why is WhyNot.STALE
    assert drafting.last_version(draft).number == 2


def test_an_added_article_gets_a_number_that_no_article_ever_had(cities: Cities) -> None:
    draft = cities.draft()
    keys = {article.key for article in drafting.last_version(draft).text.articles()}
    for _ in range(3):
        content = drafting.last_version(draft).text
        last = content.articles()[-1]
        for change in (Change(ChangeKind.ADD, last.key, "", {"en": "New"}, {"en": "New"}),):
            proposal = drafting.propose(
                draft=draft, change=change, reason="", by=cities.dana, side=Side.GIVING, at=AT
            )
            version = drafting.accept(
                proposal=proposal, by=cities.iryna, side=Side.RECEIVING, at=AT
            )
        added = ({a.key for a in version.text.articles()} - keys).pop()
        keys.add(added)
        stands = version.text.article(added)
        assert stands is not None
        gone = drafting.propose(
            draft=draft, change=Change(ChangeKind.REMOVE, added, stands.digest, {}, {}),
            reason="", by=cities.dana, side=Side.GIVING, at=AT,
        )  # fmt: skip
        drafting.accept(proposal=gone, by=cities.iryna, side=Side.RECEIVING, at=AT)

    assert len(keys) == len(set(keys))


def test_a_proposal_is_declined_with_a_reason_and_withdrawn_without(cities: Cities) -> None:
    draft = cities.draft()
    content = drafting.last_version(draft).text
    made = [
        drafting.propose(draft=draft, change=rewording(content, key, "x"), reason="",
                         by=cities.dana, side=Side.GIVING, at=AT)
        for key in (2, 3)
    ]  # fmt: skip
    with pytest.raises(errors.ReasonMissing):
        drafting.decline(proposal=made[0], by=cities.iryna, side=Side.RECEIVING, at=AT, reason=" ")

    declined = drafting.decline(
        proposal=made[0], by=cities.iryna, side=Side.RECEIVING, at=AT, reason="Too vague."
    )
    withdrawn = drafting.decline(
        proposal=made[1], by=cities.dana, side=Side.GIVING, at=AT, reason=""
    )

    assert (declined.state, withdrawn.state) == ("declined", "withdrawn")
    with pytest.raises(errors.WrongState):
        drafting.accept(proposal=made[0], by=cities.iryna, side=Side.RECEIVING, at=AT)


def test_both_sides_mark_one_exact_version_and_any_edit_voids_the_marks(cities: Cities) -> None:
    signatories(cities)
    draft = cities.draft()
    agree(draft, cities)
    assert drafting.last_version(draft).marks.count() == 2

    cities.reword(draft, 2, "Changed", cities.dana, Side.GIVING)

    last = drafting.last_version(draft)
    assert last.marks.count() == 0
    old = draft.versions.get(number=1)
    with pytest.raises(errors.OtherVersion):
        drafting.mark_agreed(
            draft=draft, seen_sha256=old.sha256, by=cities.dana, side=Side.GIVING, at=AT
        )


def test_nobody_agrees_to_blanks_or_while_proposals_wait(cities: Cities) -> None:
    draft = cities.draft()
    with pytest.raises(errors.NotReady) as refused:
        agree(draft, cities)
    assert {gap.blank for gap in refused.value.gaps} == {"office and name", "посада та ім’я"}

    content = drafting.last_version(draft).text
    drafting.propose(
        draft=draft, change=rewording(content, 2, "x"), reason="", by=cities.dana,
        side=Side.GIVING, at=AT,
    )  # fmt: skip
    with pytest.raises(errors.StillProposed):
        agree(draft, cities)


def test_one_person_does_not_agree_for_both_cities(cities: Cities) -> None:
    signatories(cities)
    draft = cities.draft()
    agree(draft, cities, Side.GIVING)
    seen = drafting.last_version(draft)

    with pytest.raises(errors.MarkedForTheOther):
        drafting.mark_agreed(
            draft=draft, seen_sha256=seen.sha256, by=cities.dana, side=Side.RECEIVING, at=AT
        )
    with pytest.raises(DatabaseError), transaction.atomic():
        Mark.objects.create(version=seen, side=Side.RECEIVING, by=cities.dana, marked_at=AT)


def test_a_step_is_struck_out_and_never_deleted(cities: Cities) -> None:
    draft = cities.draft()
    step = drafting.record_step(
        draft=draft, side=Side.GIVING, kind=Step.Kind.RESOLUTION, number="LR31",
        step_date=date(2023, 4, 3), body="Board of Representatives", source="minutes",
        votes=(30, 1, 0), by=cities.dana, at=AT,
    )  # fmt: skip
    drafting.strike_step(step=step, reason="Wrong file number.", at=AT)

    with pytest.raises(errors.WrongState):
        drafting.strike_step(step=step, reason="Again.", at=AT)
    with pytest.raises(DatabaseError), transaction.atomic():
        Step.objects.all().delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        Step.objects.update(struck_at=None, struck_reason="")


def test_powers_that_were_given_on_end_with_those_they_come_from(cities: Cities) -> None:
    head = cities.term(Side.RECEIVING, cities.head)
    deputy = drafting.record_term(
        partnership=cities.partnership, side=Side.RECEIVING, office={"en": "Deputy head"},
        holder={"en": "DEMO"}, legal_basis={"en": "Order"}, since_date=date(2026, 1, 1),
        by=cities.iryna, at=AT, delegated_from=head,
    )  # fmt: skip

    drafting.end_term(term=head, until_date=DAY, reason="A new head by decree.")

    deputy.refresh_from_db()
    assert deputy.until_date == DAY
    with pytest.raises(errors.WrongState):
        drafting.end_term(term=head, until_date=date(2027, 1, 1), reason="Longer after all.")


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (Version, {"content": "{}"}),
        (Comment, {"text": "never said"}),
        (Proposal, {"text": {"en": "never proposed"}}),
        (Draft, {"kind": "aid"}),
        (Draft, {"state": "frozen"}),
    ],
)
def test_the_database_keeps_what_was_said(
    cities: Cities, model: type[Version], change: dict[str, object]
) -> None:
    draft = cities.draft()
    drafting.comment(draft=draft, article=2, text="Why?", by=cities.dana, side=Side.GIVING, at=AT)
    content = drafting.last_version(draft).text
    drafting.propose(
        draft=draft, change=rewording(content, 2, "x"), reason="", by=cities.dana,
        side=Side.GIVING, at=AT,
    )  # fmt: skip

    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        model.objects.all().delete()


def test_a_version_with_another_hash_than_its_own_is_refused(cities: Cities) -> None:
    draft = cities.draft()

    with pytest.raises(DatabaseError), transaction.atomic():
        Version.objects.create(
            draft=draft, number=2, content="{}", sha256="0" * 64, made_by=cities.dana, made_at=AT
        )
