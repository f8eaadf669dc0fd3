"""The verbs of a claim: apply, show that one reads the city's own mail, be called, be confirmed.

Each is one transaction. `at` is an aware UTC time.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import IntegrityError, transaction
from procrastinate.contrib.django import app

from twinhood.joining.core.claim import Missing, missing
from twinhood.joining.errors import (
    CityTaken,
    LinkUnknown,
    MovedOn,
    OwnClaim,
    SamePerson,
    StillMissing,
    TooManyLetters,
)
from twinhood.joining.models import Claim
from twinhood.kit import limits
from twinhood.kit.fields import LocalText
from twinhood.people.identity import same_people
from twinhood.people.models import Organisation, Person
from twinhood.places.models import Place

LETTER_TASK = "joining.send_letter"
LINK_GOOD_FOR = timedelta(days=7)
# Letters to one address in an hour.
LETTERS_MAX = 3
_SALT = "joining.mail"


@transaction.atomic
def apply(
    *,
    by: Person,
    place: Place | None,
    place_text: str,
    name: str,
    registry_code: str,
    website: str,
    email: str,
    office: str,
    form_key: UUID,
    at: datetime,
) -> Claim:
    """Take in a claim and send the letter to its official address. The same form makes one claim.

    Raises TooManyLetters.
    """
    claim, is_new = Claim.objects.get_or_create(
        form_key=form_key,
        defaults={
            "by": by, "made_at": at, "place": place, "place_text": place_text, "name": name,
            "registry_code": registry_code, "website": website, "email": email.lower(),
            "office": office,
        },
    )  # fmt: skip
    return ask_for_mail(claim=claim, at=at) if is_new else claim


@transaction.atomic
def ask_for_mail(*, claim: Claim, at: datetime) -> Claim:
    """Send the letter, again if need be; links in older ones stop working.

    It is sent by the worker, which tries again for hours. Raises MovedOn, TooManyLetters.
    """
    locked = _open(claim)
    if locked.mail_confirmed_at is not None:
        raise MovedOn
    if limits.count("joining mail", locked.email) > LETTERS_MAX:
        raise TooManyLetters
    locked.mail_asked_at = at
    locked.save(update_fields=["mail_asked_at"])
    app.configure_task(LETTER_TASK).defer(claim=locked.pk)
    return locked


def secret_of(claim: Claim) -> str:
    """What stands in the link of the claim's last letter."""
    said = {"claim": claim.pk, "asked": _asked(claim)}
    return signing.dumps(said, salt=_SALT, compress=False)


def claim_of_link(secret: str) -> Claim:
    """The claim that a link in a letter is for. Raises LinkUnknown."""
    try:
        said: dict[str, Any] = signing.loads(secret, salt=_SALT, max_age=LINK_GOOD_FOR)
    except signing.BadSignature as problem:
        raise LinkUnknown from problem
    claim = Claim.objects.select_related("place").filter(pk=said["claim"]).first()
    if claim is None or _asked(claim) != said["asked"]:
        raise LinkUnknown
    return claim


def _asked(claim: Claim) -> str:
    return claim.mail_asked_at.isoformat() if claim.mail_asked_at else ""


@transaction.atomic
def confirm_mail(*, secret: str, at: datetime) -> Claim:
    """Somebody reads the mail of the official address. Safe to repeat.

    Raises LinkUnknown, MovedOn.
    """
    locked = _open(claim_of_link(secret))
    if locked.mail_confirmed_at is None:
        locked.mail_confirmed_at = at
        locked.save(update_fields=["mail_confirmed_at"])
    return locked


@transaction.atomic
def record_call(
    *, claim: Claim, by: Person, number: str, source: str, answer: str, at: datetime
) -> Claim:
    """Record a call to a number out of an official register; the last one counts.

    Raises MovedOn, OwnClaim.
    """
    locked = _open(claim)
    _expect_other(locked, by)
    locked.called_by, locked.called_at = by, at
    locked.called_number, locked.called_source, locked.called_answer = number, source, answer
    locked.save()
    return locked


@transaction.atomic
def confirm(*, claim: Claim, by: Person, at: datetime) -> Claim:
    """The second person's word: from now on the city may be brought together with others.

    Raises MovedOn, OwnClaim, StillMissing, SamePerson, CityTaken.
    """
    locked = _open(claim)
    _expect_other(locked, by)
    if lacking := lacks(locked):
        raise StillMissing(lacking)
    if locked.called_by_id in same_people(by):
        raise SamePerson
    if Claim.objects.filter(place=locked.place, state=Claim.State.CONFIRMED).exists():
        raise CityTaken
    locked.organisation = Organisation.objects.create(
        kind=Organisation.Kind.CITY,
        name=LocalText({locked.by.language: locked.name}),
        place=locked.place,
        registry_code=locked.registry_code,
    )
    locked.state, locked.decided_by, locked.decided_at = Claim.State.CONFIRMED, by, at
    try:
        with transaction.atomic():
            locked.save()
    except IntegrityError as problem:
        raise CityTaken from problem
    return locked


@transaction.atomic
def refuse(*, claim: Claim, by: Person, reason: str, at: datetime) -> Claim:
    """Say no to a claim, and why; who made it reads it. Raises MovedOn, OwnClaim."""
    locked = _open(claim)
    _expect_other(locked, by)
    locked.state, locked.decided_by, locked.decided_at = Claim.State.REFUSED, by, at
    locked.reason = reason
    locked.save()
    return locked


@transaction.atomic
def withdraw(*, claim: Claim, at: datetime) -> Claim:
    """Take one's own claim back. Raises MovedOn."""
    locked = _open(claim)
    locked.state, locked.decided_at = Claim.State.WITHDRAWN, at
    locked.save(update_fields=["state", "decided_at"])
    return locked


def lacks(claim: Claim) -> tuple[Missing, ...]:
    """What a claim still lacks before the second person may confirm it."""
    return tuple(
        missing(
            has_place=claim.place_id is not None,
            has_code=bool(claim.registry_code),
            is_mail_confirmed=claim.mail_confirmed_at is not None,
            was_called=claim.called_at is not None,
        )
    )


def _open(claim: Claim) -> Claim:
    locked = Claim.objects.select_for_update().get(pk=claim.pk)
    if locked.state != Claim.State.OPEN:
        raise MovedOn
    return locked


def _expect_other(claim: Claim, by: Person) -> None:
    if claim.by_id in same_people(by):
        raise OwnClaim
