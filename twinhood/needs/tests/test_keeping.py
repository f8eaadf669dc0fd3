"""Promises of what follows a need: what was checked, what shows it, that it holds, what changed."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from twinhood.documents import files, sight
from twinhood.documents.models import StoredFile
from twinhood.documents.sight import Sight
from twinhood.documents.tests.photos import jpeg, photo
from twinhood.kit import clock
from twinhood.needs import actions, changing, errors, evidence, queries, waiting
from twinhood.needs.changing import Asked
from twinhood.needs.core import freshness
from twinhood.needs.core.checks import Check, Refusal
from twinhood.needs.evidence import Said
from twinhood.needs.models import Change, Evidence, Need, Verification
from twinhood.needs.tests.world import AT, DAY, World, words
from twinhood.people import identity
from twinhood.people.core.permissions import RoleName
from twinhood.people.models import IdentityCheck, Person
from twinhood.people.tests.desks import tasks_in
from twinhood.translog.models import Opening

pytestmark = pytest.mark.django_db
PUBLIC_AT = AT + timedelta(hours=72)


@pytest.fixture
def world() -> World:
    return World()


def seen(*checked: Check, **more: Any) -> actions.Seen:
    return actions.Seen(checked, "The place.", **more)


def verify(world: World, need: Need, by: Any, said: actions.Seen) -> Verification:
    return actions.verify(need=need, by=by, organisation=world.checkers, seen=said, at=AT)


# --- the checklist


def test_a_check_says_what_was_checked_and_whence_the_number_was(world: World) -> None:
    need = world.submitted()

    for said, refusal in (
        (seen(), Refusal.NOTHING_CHECKED),
        (seen(Check.CALLED), Refusal.NO_REGISTER),
        (seen(Check.CALLED, register="  "), Refusal.NO_REGISTER),
    ):
        with pytest.raises(errors.MayNotVerify) as refused:
            verify(world, need, world.oleh, said)
        assert refused.value.refusal == refusal


def test_nothing_is_verified_before_somebody_called(world: World) -> None:
    need = world.submitted()
    verify(world, need, world.oleh, seen(Check.PLACE))

    with pytest.raises(errors.MayNotVerify) as refused:
        verify(world, need, world.dana, seen(Check.QUOTE))
    assert refused.value.refusal == Refusal.NOT_CALLED
    verify(world, need, world.dana, seen(Check.CALLED, register="the register"))

    need.refresh_from_db()
    assert need.state == Need.State.VERIFIED


@pytest.mark.parametrize("days", [-1, 0, 181])
def test_a_need_holds_until_a_day_to_come_within_half_a_year(world: World, days: int) -> None:
    said = seen(Check.PLACE, until_date=DAY + timedelta(days=days))

    with pytest.raises(errors.BadDay):
        verify(world, world.submitted(), world.oleh, said)


def test_it_holds_as_long_as_the_more_careful_of_two_verifiers_says(world: World) -> None:
    need = world.submitted()
    soon = DAY + timedelta(days=20)

    verify(world, need, world.oleh, seen(Check.PLACE, until_date=soon))
    verify(world, need, world.dana, seen(Check.CALLED, register="the register"))

    need.refresh_from_db()
    assert need.confirmed_until_date == soon


# --- that it is still needed


def test_what_nobody_confirms_is_said_to_be_unconfirmed_until_somebody_does(world: World) -> None:
    need = world.verified()
    last = DAY + timedelta(days=freshness.CONFIRM_DAYS)
    late = AT + timedelta(days=70)

    assert queries.unconfirmed_since(need, last) is None
    assert queries.unconfirmed_since(need, late.date()) == last
    actions.confirm(need=need, by=world.bondar, organisation=world.hospital, at=late)

    need.refresh_from_db()
    assert queries.unconfirmed_since(need, late.date()) is None


def test_only_a_verified_need_is_confirmed(world: World) -> None:
    with pytest.raises(errors.WrongState):
        actions.confirm(need=world.submitted(), by=world.iryna, organisation=world.city_k, at=AT)


def test_a_price_is_stale_once_its_last_quote_has_ended(world: World) -> None:
    need, end = world.verified(), date(2026, 9, 30)
    for until in (date(2026, 9, 10), end):
        actions.add_quote(
            need=need, supplier=world.dealer, unit_price_minor=6_200_000, currency="EUR",
            quoted_date=DAY, valid_until_date=until, by=world.iryna, at=AT,
        )  # fmt: skip

    assert queries.stale_prices([need], end) == {}
    assert queries.stale_prices([need], date(2026, 10, 5)) == {need.pk: date(2026, 10, 1)}
    world.quote(need, 6_300_000)
    assert queries.stale_prices([need], date(2026, 10, 5)) == {}


# --- evidence


def kept(world: World, data: bytes | None = None, name: str = "photo.jpg") -> StoredFile:
    return files.keep(photo(data, name), partnership=world.partnership, by=world.iryna)


def shown(world: World, **changes: Any) -> tuple[Need, Evidence]:
    """A submitted need with one photo that may become public."""
    need = actions.write_need(
        partnership=world.partnership, text=world.text(**changes), by=world.iryna,
        organisation=world.city_k, at=AT, files=[kept(world, jpeg(has_place=True))],
    )  # fmt: skip
    need = actions.submit(need=need, by=world.iryna, at=AT)
    piece = need.evidence.get()
    said = Said(Evidence.Kind.DAMAGE, words("A burnt ambulance"), is_public=True)
    evidence.say(need=need, said={piece.pk: said}, by=world.iryna)
    piece.refresh_from_db()
    return need, piece


def sight_at(piece: Evidence, at: Any) -> Sight:
    with clock.showing(at):
        return sight.of(piece.file)


def test_evidence_is_public_only_after_its_need_and_can_be_pulled_back(world: World) -> None:
    need, piece = shown(world)
    assert sight_at(piece, PUBLIC_AT) is Sight.WORKSPACE

    for person in (world.oleh, world.dana):
        world.checked_by(need, person, world.checkers)
    before, after = sight_at(piece, PUBLIC_AT - timedelta(seconds=1)), sight_at(piece, PUBLIC_AT)
    private = Said(Evidence.Kind.DAMAGE, words("A burnt ambulance"), is_public=False)
    evidence.say(need=need, said={piece.pk: private}, by=world.bondar)

    assert (before, after) == (Sight.WORKSPACE, Sight.PUBLIC)
    assert sight_at(piece, PUBLIC_AT) is Sight.PULLED_BACK


def test_evidence_of_a_draft_is_its_writers_alone(world: World) -> None:
    actions.write_need(
        partnership=world.partnership, text=world.text(), by=world.iryna,
        organisation=world.city_k, at=AT, files=[kept(world)],
    )  # fmt: skip

    assert sight.of(StoredFile.objects.get()) is Sight.UPLOADER


def test_the_log_commits_to_the_originals_that_showed_a_need(world: World) -> None:
    need, piece = shown(world)
    for person in (world.oleh, world.dana):
        world.checked_by(need, person, world.checkers)

    told = [str(bytes(one.facts or b""), "utf-8") for one in Opening.objects.order_by("pk")]

    assert any('"kind":"need-evidence"' in facts and piece.file.sha256 in facts for facts in told)


def test_dropping_evidence_lets_checks_begin_anew_and_is_over_once_verified(world: World) -> None:
    need, piece = shown(world)
    gone = Said(Evidence.Kind.OTHER, None, is_public=False, is_dropped=True)
    world.checked_by(need, world.oleh, world.checkers)

    with pytest.raises(errors.NotTheWriter):
        evidence.say(need=need, said={piece.pk: gone}, by=world.bondar)
    need = evidence.say(need=need, said={piece.pk: gone}, by=world.iryna)
    assert need.revision == 2
    assert not need.evidence.exists()

    verified, other = shown(world, kind="mri")
    for person in (world.oleh, world.dana):
        world.checked_by(verified, person, world.checkers)
    with pytest.raises(errors.WrongState):
        evidence.say(need=verified, said={other.pk: gone}, by=world.iryna)


# --- changes


def proposed(world: World, need: Need, **changes: int) -> Change:
    now = changing.asked_by(need)
    asked = Asked(
        changes.get("quantity", now.quantity),
        changes.get("covered", now.covered),
        changes.get("unit_price_minor", now.unit_price_minor),
    )
    return changing.propose(
        need=need, asked=asked, reason="The maker raised it.", by=world.iryna,
        organisation=world.city_k, at=AT,
    )  # fmt: skip


def test_a_verified_need_changes_by_the_word_of_two_and_says_what_it_was(world: World) -> None:
    need = world.in_campaign()
    change = proposed(world, need, quantity=6, covered=2, unit_price_minor=9_000_000)

    with pytest.raises(errors.OwnChange):
        changing.agree(change=change, by=world.iryna, organisation=world.city_k, at=AT)
    need.refresh_from_db()
    assert need.quantity == 8
    changing.agree(change=change, by=world.oleh, organisation=world.checkers, at=AT)

    need.refresh_from_db()
    assert (need.quantity, need.wanted, need.total_minor) == (6, 4, 36_000_000)
    (said,) = queries.changes_of(need)
    assert (said.quantity_before, said.unit_price_minor_before) == (8, 8_250_000)
    (item,) = queries.items_of([need], {})
    assert item.total_minor == 36_000_000
    assert b'"kind":"need-changed"' in bytes(Opening.objects.latest("pk").facts or b"")
    with pytest.raises(errors.WrongState):
        changing.agree(change=change, by=world.dana, organisation=world.city_s, at=AT)


def test_a_newer_proposal_takes_the_place_of_the_one_before(world: World) -> None:
    need = world.verified()
    first = proposed(world, need, quantity=9)

    second = proposed(world, need, quantity=10)

    first.refresh_from_db()
    assert first.state == Change.State.REFUSED
    assert queries.open_change(need) == second


@pytest.mark.parametrize("asked", [{}, {"covered": 8}, {"quantity": 2, "covered": 2}])
def test_a_change_changes_something_and_leaves_something_to_ask(
    world: World, asked: dict[str, int]
) -> None:
    with pytest.raises(errors.NothingChanges):
        proposed(world, world.verified(), **asked)


@pytest.mark.parametrize(
    ("sql", "refusal"),
    [
        ("UPDATE needs_need SET quantity = 9", "stays as it was seen"),
        ("UPDATE needs_need SET covered = 1", "stays as it was seen"),
        ("UPDATE needs_need SET unit_price_minor = 1", "stays as it was seen"),
        ("UPDATE needs_need SET kind = 'mri'", "stays as it was seen"),
        ('UPDATE needs_need SET specification = \'{"drive": "any"}\'', "stays as it was seen"),
        (
            "UPDATE needs_change SET state = 'made', decided_by_id = proposed_by_id,"
            " decided_for_id = proposed_for_id, decided_at = now()",
            "nobody_agrees_to_their_own_change",
        ),
        ("UPDATE needs_change SET quantity = 99", "decided once, as it was proposed"),
        ("DELETE FROM needs_change", "decided once, as it was proposed"),
        ("DELETE FROM needs_evidence", "before its need is verified"),
        ("UPDATE needs_evidence SET added_at = now()", "stays the file"),
        (
            "INSERT INTO needs_evidence (need_id, file_id, kind, is_public, added_by_id, added_at)"
            " SELECT need_id, file_id + 1, kind, false, added_by_id, now() FROM needs_evidence",
            "before its need is verified",
        ),
    ],
)
def test_the_database_refuses_what_only_the_word_of_another_allows(
    world: World, sql: str, refusal: str
) -> None:
    need, _piece = shown(world)
    for person in (world.oleh, world.dana):
        world.checked_by(need, person, world.checkers)
    proposed(world, need, quantity=9)

    with pytest.raises(IntegrityError, match=refusal), transaction.atomic():
        connection.cursor().execute(sql)


@pytest.mark.parametrize(
    ("checked", "register", "refusal"),
    [("[]", "a list", "what was checked"), ('["called"]', " ", "whence a number was")],
)
def test_the_database_asks_for_the_checklist_too(
    world: World, checked: str, register: str, refusal: str
) -> None:
    need = world.submitted()

    with pytest.raises(IntegrityError, match=refusal), transaction.atomic():
        connection.cursor().execute(
            "INSERT INTO needs_verification (need_id, written_by_id, verified_by_id,"
            " organisation_id, revision, what_was_seen, verified_at, checked, register)"
            " VALUES (%s, %s, %s, %s, 1, '', now(), %s, %s)",
            [need.pk, world.iryna.pk, world.oleh.pk, world.checkers.pk, checked, register],
        )


def test_the_database_wants_a_call_before_a_need_is_verified(world: World) -> None:
    need = world.submitted()
    rows = [(person.pk, world.checkers.pk) for person in (world.oleh, world.dana)]
    for person, organisation in rows:
        connection.cursor().execute(
            "INSERT INTO needs_verification (need_id, written_by_id, verified_by_id,"
            " organisation_id, revision, what_was_seen, verified_at, checked, register)"
            " VALUES (%s, %s, %s, %s, 1, '', now(), '[\"place\"]', '')",
            [need.pk, world.iryna.pk, person, organisation],
        )

    with pytest.raises(IntegrityError, match="nobody called"), transaction.atomic():
        Need.objects.filter(pk=need.pk).update(state="verified", verified_at=AT)


# --- the pages


@pytest.fixture
def page(world: World) -> Any:
    def open_as(person: Any, need: Need, name: str = "desk_need", **typed: Any) -> Any:
        url = reverse(f"needs:{name}", args=[world.partnership.slug, need.number])
        client: Client = world.signed_in(person)
        return client.post(url, typed, follow=True) if typed else client.get(url)

    with clock.showing(AT):
        yield open_as


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_a_clerk_says_of_each_piece_what_it_shows(world: World, page: Any) -> None:
    need, piece = shown(world)
    pk = piece.pk

    wrong = page(world.iryna, need, "evidence",
                 **{f"evidence-kind_{pk}": "photo", f"evidence-public_{pk}": "on"})  # fmt: skip
    page(world.iryna, need, "evidence", **{
        f"evidence-kind_{pk}": "letter", f"evidence-caption_{pk}": "Letter of the hospital",
        f"evidence-public_{pk}": "on",
    })  # fmt: skip

    assert wrong.status_code == 422
    assert "for those who cannot see it" in text_of(wrong)
    piece.refresh_from_db()
    assert (piece.kind, str(piece.caption)) == ("letter", "Letter of the hospital")


def test_whoever_asked_says_that_it_is_still_needed(world: World, page: Any) -> None:
    need = world.verified()

    said = page(world.bondar, need, "confirmation", **{"holds-until_date": "2026-12-01"})
    wrong = page(world.bondar, need, "confirmation", **{"holds-until_date": "2027-12-01"})
    refused = page(world.tom, need, "confirmation", **{"holds-until_date": ""})

    assert "it is still needed" in text_of(said)
    assert wrong.status_code == 422
    assert refused.status_code == 403
    need.refresh_from_db()
    assert need.confirmed_until_date == date(2026, 12, 1)


def test_a_change_goes_from_one_page_to_another_persons(world: World, page: Any) -> None:
    need = world.verified()
    world.give_role(world.iryna, world.checkers, RoleName.VERIFIER)
    asked = {"change-quantity": 8, "change-covered": 2, "change-unit_price": "90,000.00"}

    wrong = page(world.iryna, need, "changes", **asked | {"change-reason": " "})
    page(world.iryna, need, "changes", **asked | {"change-reason": "Poland brought two."})
    change = Change.objects.get()
    own = page(world.iryna, need, "change_decided", change=change.pk, agree="1")
    agreed = page(world.oleh, need, "change_decided", change=change.pk, agree="1")

    assert wrong.status_code == 422
    assert "You proposed this change" in text_of(own)
    assert "Poland brought two." in text_of(agreed)
    need.refresh_from_db()
    assert (need.covered, need.unit_price_minor) == (2, 9_000_000)


def test_a_change_of_another_need_is_not_decided_here(world: World, page: Any) -> None:
    need, other = world.verified(), world.verified(kind="mri")
    change = proposed(world, other, quantity=3)

    for sent in (str(change.pk), "9" * 40, "-1"):
        answer = page(world.oleh, need, "change_decided", change=sent, agree="1")
        assert "nothing was changed" in text_of(answer)

    other.refresh_from_db()
    assert other.quantity == 8


# --- two accounts of one person


def known_as_one(world: World, first: Person, second: Person) -> None:
    """Two others read the same name and birth date in the document of both accounts."""
    key = identity.key_of("Example", "Olena", date(1980, 1, 2))
    for person in (first, second):
        for by in (world.tom, world.lesia):
            identity.check_identity(
                person=person, by=by, organisation=world.charity, key=key,
                paper=IdentityCheck.Paper.PASSPORT, at=AT,
            )  # fmt: skip


def test_a_second_account_of_the_writer_checks_nothing(world: World) -> None:
    second = world.person("O. Second", world.checkers, RoleName.VERIFIER)
    known_as_one(world, world.iryna, second)
    need = world.submitted()

    with pytest.raises(errors.MayNotVerify) as refused:
        world.checked_by(need, second, world.checkers)
    assert refused.value.refusal == Refusal.SAME_PERSON
    with pytest.raises(IntegrityError, match="verified by others"), transaction.atomic():
        Verification.objects.create(
            need=need, written_by=world.iryna, verified_by=second, organisation=world.checkers,
            revision=1, checked=["place"], what_was_seen="", verified_at=AT,
        )  # fmt: skip


def test_two_accounts_of_one_verifier_are_one_check(world: World) -> None:
    second = world.person("O. Second", world.checkers, RoleName.VERIFIER)
    known_as_one(world, world.oleh, second)
    need = world.submitted()
    world.checked_by(need, world.oleh, world.checkers)

    with pytest.raises(errors.MayNotVerify) as refused:
        world.checked_by(need, second, world.checkers)

    assert refused.value.refusal == Refusal.SAME_PERSON


def test_a_second_account_agrees_to_no_change(world: World) -> None:
    second = world.person("O. Second", world.checkers, RoleName.VERIFIER)
    known_as_one(world, world.iryna, second)
    change = proposed(world, world.verified(), quantity=9)

    with pytest.raises(errors.OwnChange):
        changing.agree(change=change, by=second, organisation=world.checkers, at=AT)
    with pytest.raises(IntegrityError, match="another person agrees"), transaction.atomic():
        Change.objects.filter(pk=change.pk).update(
            state="made", decided_by=second, decided_for=world.checkers, decided_at=AT
        )


# --- what waits


def waiting_for(world: World, person: Person) -> dict[str, int]:
    found: dict[str, int] = {}
    for task in tasks_in(waiting, person, world.partnership):
        found[task.kind.code] = found.get(task.kind.code, 0) + 1
    return found


def test_whoever_asked_is_asked_again_and_told_of_a_price_that_ended(world: World) -> None:
    need = world.verified()
    actions.add_quote(
        need=need, supplier=world.dealer, unit_price_minor=1, currency="EUR", quoted_date=DAY,
        valid_until_date=date(2026, 9, 30), by=world.iryna, at=AT,
    )  # fmt: skip
    proposed(world, need, quantity=9)

    with clock.showing(AT + timedelta(days=20)):
        early = waiting_for(world, world.iryna)
    with clock.showing(AT + timedelta(days=55)):
        late = waiting_for(world, world.iryna)
        verifiers, treasurers = waiting_for(world, world.oleh), waiting_for(world, world.tom)

    assert early == {}
    assert late == {"holds": 1, "prices": 1}
    assert (verifiers, treasurers) == ({"changes": 1}, {})


KNOWN = {
    "since when": "UPDATE needs_need SET verified_at = verified_at - interval '90 days'",
    "its number": "UPDATE needs_need SET number = number + 1000",
    "until when": "UPDATE needs_need SET confirmed_until_date = '2099-01-01'",
    "its state": "UPDATE needs_need SET state = 'draft'",
}


@pytest.mark.parametrize("sql", KNOWN.values(), ids=KNOWN)
def test_what_is_known_of_a_verified_need_stays_in_sql_too(world: World, sql: str) -> None:
    world.verified()

    with pytest.raises(IntegrityError), transaction.atomic():
        connection.cursor().execute(sql)
