"""Things given instead of money: taken in at their fair value, handed over, or undone.

They lie on no line and count in no sum of money: their value is a figure of its own. `value_minor`
is minor units of `currency`. Verbs are one transaction each.
"""

import logging
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from uuid import UUID

import psycopg
from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet, Sum

from twinhood.giving import errors, receipts
from twinhood.giving.core import names
from twinhood.giving.core.receipt import ReceiptLacks
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.keys import index_of, link_secret, master_keys, seal_donor
from twinhood.giving.models import Donor, InKindGift, Issuer
from twinhood.giving.models.in_kind import VIN_SHAPE
from twinhood.kit import clock
from twinhood.ledger import things
from twinhood.needs.models import Need
from twinhood.people.models import Organisation, Partnership, Person

logger = logging.getLogger(__name__)

TRIES_MAX = 5
VEHICLES = (Need.Category.AMBULANCE, Need.Category.TRUCK)
# Rules of the database about numbers and acts (a floor above, which knows all things).
KNOWN_ONCE = "plate_is_known_once"
ON_AN_ACT = "given_thing_stands_on_an_act"


@dataclass(frozen=True, slots=True)
class Thing:
    """What was given, what it is worth, and who says so."""

    description: str
    value_minor: int
    currency: str
    basis: InKindGift.Basis
    valued_by: str
    valued_date: date
    received_date: date
    purpose: str
    quantity: int = 1
    unit: str = ""
    serial: str = ""
    is_vehicle: bool = False
    need: Need | None = None
    donor: DonorFacts = DonorFacts()  # noqa: RUF009 (it is frozen)
    donor_language: str = "en"
    shows_name: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """The gift, and the donor's secret for its page; `is_new` is False for a form sent again."""

    gift: InKindGift
    secret: str
    is_new: bool


class NumberKnown(errors.GivingError):
    """Another thing, bought or given, has this serial number; the database knows of both."""


class CannotUndo(errors.GivingError):
    """`code`: handed_over, or on_an_act (one that does not count yet)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def take_in(
    *, partnership: Partnership, form_key: UUID, thing: Thing, person: Person | None
) -> Taken:
    """Take a thing in and book its value. The same form sent twice is one gift.

    The donor's receipt describes it and states no value. Raises DonorKeysMissing, NumberKnown.
    """
    secret = link_secret(f"in-kind:{form_key}", master_keys())
    for _ in range(TRIES_MAX):
        known = InKindGift.objects.filter(form_key=form_key, partnership=partnership).first()
        if known is not None:
            return Taken(known, secret, is_new=False)
        try:
            gift = _store(partnership, form_key, thing, person, secret)
        except IntegrityError as problem:
            if _breaks(problem, KNOWN_ONCE):
                raise NumberKnown from problem
            continue
        give_receipt(gift)
        return Taken(gift, secret, is_new=True)
    raise RuntimeError("no free ref: the source of randomness repeats itself")


def _breaks(problem: IntegrityError, rule: str) -> bool:
    cause = problem.__cause__
    return isinstance(cause, psycopg.Error) and cause.diag.constraint_name == rule


@transaction.atomic
def _store(
    partnership: Partnership, form_key: UUID, thing: Thing, person: Person | None, secret: str
) -> InKindGift:
    gift = InKindGift.objects.create(
        partnership=partnership,
        ref=names.ref_from(secrets.token_bytes(names.REF_BYTES)),
        form_key=form_key,
        secret_hash=names.secret_hash(secret),
        donor=_donor(partnership, thing),
        shows_name=thing.shows_name and bool(thing.donor.name),
        description=thing.description,
        quantity=thing.quantity,
        unit=thing.unit,
        serial=thing.serial,
        is_vehicle=is_vehicle(thing),
        value_minor=thing.value_minor,
        currency=thing.currency,
        basis=thing.basis,
        valued_by=thing.valued_by,
        valued_date=thing.valued_date,
        received_date=thing.received_date,
        purpose=thing.purpose,
        need=thing.need,
        entered_by=person,
        entered_at=clock.now(),
    )
    _book(gift, gift.key, "given", _moment(thing.received_date))
    logger.info("giving.in_kind partnership=%s source=%s", partnership.slug, gift.key)
    return gift


def is_vehicle(thing: Thing) -> bool:
    """Whether somebody said so, or its number or its need does."""
    is_needed = thing.need is not None and thing.need.category in VEHICLES
    return thing.is_vehicle or is_needed or re.match(VIN_SHAPE, thing.serial) is not None


def _book(gift: InKindGift, key: str, happened: things.Happened, at: datetime) -> None:
    things.book(
        partnership=gift.partnership,
        key=key,
        happened=happened,
        amount_minor=gift.value_minor,
        currency=gift.currency,
        at=at,
    )


def _moment(day: date) -> datetime:
    """Noon of a day, or now if that is not over yet (UTC)."""
    return min(datetime.combine(day, time(12), UTC), clock.now())


def _donor(partnership: Partnership, thing: Thing) -> Donor | None:
    """Who has this address already, or a new donor; None for who told nothing."""
    if thing.donor == DonorFacts():
        return None
    keys = master_keys()
    if thing.donor.email:
        index = index_of(thing.donor.email, partnership.pk, keys)
        known = Donor.objects.filter(partnership=partnership, email_index=index).first()
        if known is not None:
            return known
    donor = Donor(partnership=partnership, language=thing.donor_language)
    seal_donor(donor, thing.donor, keys)
    donor.save(force_insert=True)
    return donor


def give_receipt(gift: InKindGift) -> bool:
    """Issue the receipt of a thing, once; False where the donor or the issuer lacks a fact."""
    if gift.donor is None or gift.undone_at is not None:
        return False
    try:
        receipts.issue_for_goods(
            donor=gift.donor,
            key=gift.key,
            description=words_of(gift),
            received_date=gift.received_date,
            purpose=gift.purpose,
        )
    except (ReceiptLacks, Issuer.DoesNotExist) as problem:
        logger.info("giving.no_receipt source=%s why=%s", gift.key, type(problem).__name__)
        return False
    return True


def words_of(gift: InKindGift) -> str:
    """What it is, with how many and its number: "Used ambulance, VIN WDB…", "12 × blankets"."""
    unit = f" {gift.unit}" if gift.unit else ""
    counted = f"{gift.quantity}{unit} × " if gift.quantity > 1 or gift.unit else ""
    serial = f", № {gift.serial}" if gift.serial else ""
    return f"{counted}{gift.description}{serial}"[:300]


@dataclass(frozen=True, slots=True)
class HandOver:
    """What an act that counts says of a thing; `public_from` None: the world may not know."""

    act: str
    to: Organisation
    day: date
    person: Person
    public_from: date | None


@transaction.atomic
def hand_over(*, gift: InKindGift, said: HandOver) -> InKindGift:
    """Take over what the act says, again when it says otherwise; once public it is booked."""
    locked = _locked(gift)
    locked.handed_over_date, locked.handed_over_to = said.day, said.to
    locked.act, locked.handed_over_by = said.act, said.person
    locked.public_from_date = said.public_from
    locked.save()
    _book_aid(locked)
    return locked


def set_serial(*, gift: InKindGift, serial: str) -> None:
    """Keep the number of a thing that has none yet. Raises NumberKnown."""
    known = gift.is_vehicle or re.match(VIN_SHAPE, serial) is not None
    try:
        with transaction.atomic():
            mute = InKindGift.objects.filter(pk=gift.pk, serial="")
            mute.update(serial=serial, is_vehicle=known)
    except IntegrityError as problem:
        if not _breaks(problem, KNOWN_ONCE):
            raise
        raise NumberKnown from problem


@transaction.atomic
def undo(*, gift: InKindGift, person: Person, reason: str) -> InKindGift:
    """Take the entry of a thing back that was entered wrongly. Raises CannotUndo."""
    locked = _locked(gift)
    if locked.handed_over_date is not None:
        raise CannotUndo("handed_over")
    if locked.undone_at is None:
        locked.undone_at, locked.undone_by, locked.undo_reason = clock.now(), person, reason
        try:
            with transaction.atomic():
                locked.save()
        except IntegrityError as problem:
            if not _breaks(problem, ON_AN_ACT):
                raise
            raise CannotUndo("on_an_act") from problem
        _book(locked, f"{locked.key}:undone", "undone", clock.now())
        standing = receipts.receipt_of_goods(locked.partnership, locked.key)
        if standing is not None:
            receipts.cancel(standing, reason)
    return locked


def _locked(gift: InKindGift) -> InKindGift:
    found = InKindGift.objects.select_for_update(of=("self",))
    return found.select_related("partnership__giving_place").get(pk=gift.pk)


def is_told(gift: InKindGift) -> bool:
    """Whether the world may know that, when and where it was handed over."""
    return gift.public_from_date is not None and gift.public_from_date <= clock.now().date()


def _book_aid(gift: InKindGift) -> None:
    if is_told(gift) and not gift.is_aid_booked:
        _book(gift, f"{gift.key}:handed-over", "handed_over", clock.now())
        gift.is_aid_booked = True
        gift.save(update_fields=["is_aid_booked"])


def book_aid_due() -> None:
    """Book hand-overs whose delay is over; the worker does so once an hour."""
    waiting = InKindGift.objects.filter(public_from_date__isnull=False, is_aid_booked=False)
    for pk in list(waiting.values_list("pk", flat=True)):
        with transaction.atomic():
            _book_aid(_locked(InKindGift(pk=pk)))


# --- reads


@dataclass(frozen=True, slots=True)
class Given:
    """Things given, in one currency: how many gifts, and their value. No money is in it."""

    currency: str
    count: int
    value_minor: int


def sums(partnership: Partnership) -> list[Given]:
    """What was given in kind, by currency; never to be added to gifts of money."""
    standing = InKindGift.objects.filter(partnership=partnership, undone_at=None)
    rows = standing.values("currency").order_by("currency")
    found = rows.annotate(count=Count("id"), value=Sum("value_minor"))
    return [Given(row["currency"], row["count"], int(row["value"])) for row in found]


def things_of(partnership: Partnership) -> QuerySet[InKindGift]:
    """All of them, the newest first."""
    found = InKindGift.objects.filter(partnership=partnership)
    return found.select_related("donor", "handed_over_to", "need").order_by("-id")


def by_secret(secret: str) -> InKindGift | None:
    """The thing to which a donor's link belongs."""
    digest = names.secret_hash(secret)
    if digest is None:
        return None
    found = InKindGift.objects.select_related(
        "partnership__giving_place", "partnership__receiving_place", "handed_over_to"
    )
    return found.filter(Q(secret_hash=digest)).first()
