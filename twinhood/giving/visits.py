"""Who is let into the donor's place: a link from a letter opens it once, a signed cookie keeps it.

Nobody learns here whether an address is a donor's: the page does the same for every address and
gives the same answer, and the search is the worker's.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from typing import Concatenate

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from procrastinate.contrib.django import app

from twinhood.giving import letters
from twinhood.giving.core.sealing import DonorFacts, NotOurs
from twinhood.giving.keys import index_of, master_keys, open_donor, open_note, seal_note
from twinhood.giving.models import Donor, Gift, Mail, Visit
from twinhood.kit import clock
from twinhood.people.models import Partnership, Person

logger = logging.getLogger(__name__)

ENTRY_S = 30 * 60
VISIT_S = 2 * 60 * 60
# So many letters an hour reach one address, whoever asks for them.
LETTERS_AN_HOUR = 3
# What a visit leaves behind is forgotten after so many days.
KEPT_DAYS = 30
COOKIE = "__Host-giver" if settings.IS_HTTPS else "giver"
LETTER = "enter"
TASK = "giving.let_in"
_ASKED = "giver:asked"
_entries = Signer(salt="giving.visit.entry", sep=".")
_cookies = Signer(salt="giving.visit.cookie", sep=".")


@dataclass(frozen=True, slots=True)
class Guest:
    """A donor in their own place: all donors of their address, with what each told."""

    visit: Visit
    donors: tuple[Donor, ...]
    facts: tuple[DonorFacts, ...]

    @property
    def ids(self) -> list[int]:
        return [donor.pk for donor in self.donors]

    @property
    def email(self) -> str:
        return next((facts.email for facts in self.facts if facts.email), "")

    def donor_of(self, pk: int) -> Donor | None:
        return next((donor for donor in self.donors if donor.pk == pk), None)


# --- asking for the link


def ask_soon(email: str) -> None:
    """Let the worker look for the address and write to it. The same work for every address."""
    sealed = seal_note(email, master_keys(), _ASKED)
    app.configure_task(TASK).defer(sealed=sealed)


def ask_soon_for(gift: Gift) -> None:
    """The same for who gave this; nothing happens where no address is known."""
    facts = open_donor(gift.donor, master_keys()) if gift.donor else DonorFacts()
    ask_soon(facts.email)


def let_in_sealed(sealed: str, *, at: datetime | None = None) -> Visit | None:
    """What the worker does with `ask_soon`; None where no donor has the address."""
    try:
        email = open_note(sealed, master_keys(), _ASKED)
    except NotOurs:
        return None
    return let_in(email, at=at)


@transaction.atomic
def let_in(email: str, *, at: datetime | None = None) -> Visit | None:
    """Write a letter with a link, if the address is a donor's and got fewer than three this hour.

    None for everybody else.
    """
    at = at or clock.now()
    donors = donors_with(email)
    if not donors:
        return None
    # One after the other, so that a burst of askings is counted.
    list(Donor.objects.select_for_update().filter(pk=donors[0].pk))
    lately = Visit.objects.filter(asked_at__gt=at - timedelta(hours=1))
    if lately.filter(donors__contains=[donors[0].pk]).count() >= LETTERS_AN_HOUR:
        return None
    visit = Visit.objects.create(donors=[donor.pk for donor in donors], asked_at=at)
    letters.queue(donors[0], LETTER, f"{LETTER}:{visit.pk}", {"visit": visit.pk})
    return visit


def _tell(mail: Mail) -> letters.Told | None:
    """What the letter says; nothing any more once its link would be too old to be of use."""
    token = entry_token(int(mail.facts["visit"]))
    if waiting(token) is None:
        return None
    address = letters.url("giver:open", mail.donor.language, token=token)
    return letters.Told({"entry_url": address, "minutes": ENTRY_S // 60})


letters.KINDS[LETTER] = letters.Kind(is_urgent=True, tell=_tell)


def donors_with(email: str) -> list[Donor]:
    """Every donor of this address: one a partnership, in order of their ids."""
    if not email.strip():
        return []
    keys = master_keys()
    partnerships = Partnership.objects.values_list("pk", flat=True)
    indexes = [index_of(email, pk, keys) for pk in partnerships]
    found = Donor.objects.filter(email_index__in=indexes, sealed__isnull=False)
    return list(found.select_related("partnership").order_by("id"))


def entry_token(visit_id: int) -> str:
    """What stands in the link of the letter; it says nothing of the address."""
    return _entries.sign(str(visit_id))


# --- opening, staying, leaving


def waiting(token: str, *, at: datetime | None = None) -> Visit | None:
    """The visit that a link would open now; None for a forged, old or used one. Writes nothing."""
    since = (at or clock.now()) - timedelta(seconds=ENTRY_S)
    return Visit.objects.filter(
        pk=_signed(_entries, token), opened_at=None, ended_at=None, asked_at__gt=since
    ).first()


def enter(token: str, *, at: datetime | None = None) -> Visit | None:
    """Open the visit of a link. Of two who try at once, one is let in."""
    at = at or clock.now()
    visit = waiting(token, at=at)
    if visit is None or not Visit.objects.filter(pk=visit.pk, opened_at=None).update(opened_at=at):
        return None
    visit.opened_at = at
    return visit


def enter_as(person: Person, *, at: datetime | None = None) -> Visit | None:
    """Let a signed-in person in, by the addresses that they have shown to be theirs."""
    at = at or clock.now()
    verified = EmailAddress.objects.filter(user=person, verified=True)
    emails = sorted(verified.values_list("email", flat=True))
    donors = {donor.pk for email in emails for donor in donors_with(email)}
    if not donors:
        return None
    return Visit.objects.create(donors=sorted(donors), asked_at=at, opened_at=at)


def keep(response: HttpResponse, visit: Visit) -> None:
    """Give the browser the cookie of an opened visit."""
    response.set_cookie(
        COOKIE,
        _cookies.sign(str(visit.pk)),
        max_age=VISIT_S,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )


def leave(request: HttpRequest, response: HttpResponse) -> None:
    """End the visit, here and wherever its cookie has got to."""
    pk = _signed(_cookies, request.COOKIES.get(COOKIE, ""))
    Visit.objects.filter(pk=pk, ended_at=None).update(ended_at=clock.now())
    response.delete_cookie(COOKIE, samesite="Lax")


def guest(request: HttpRequest) -> Guest | None:
    """Who is in the donor's place with this request; None for nobody. Writes nothing."""
    pk = _signed(_cookies, request.COOKIES.get(COOKIE, ""))
    since = clock.now() - timedelta(seconds=VISIT_S)
    visit = Visit.objects.filter(pk=pk, opened_at__gt=since, ended_at=None).first()
    if visit is None:
        return None
    found = Donor.objects.filter(pk__in=visit.donors, sealed__isnull=False)
    donors = tuple(found.select_related(
        "partnership__giving_place", "partnership__receiving_place", "partnership__recipient",
    ).order_by("id"))  # fmt: skip
    if not donors:
        return None
    keys = master_keys()
    return Guest(visit, donors, tuple(open_donor(donor, keys) for donor in donors))


def for_guests[**P](
    view: Callable[Concatenate[HttpRequest, Guest, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Guard a page of the donor's place: who is not in it is led to its door."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        found = guest(request)
        if found is None:
            return hidden(redirect("giver:enter"))
        return hidden(view(request, found, *args, **kwargs))

    wrapped.is_for_guests = True  # type: ignore[attr-defined]
    return wrapped


def hidden(response: HttpResponse) -> HttpResponse:
    """Keep a page out of searches.

    Its address stays with us by the site's policy (same-origin); "no-referrer" would make the
    browser send the forms of the page without their origin, and we would refuse them.
    """
    response["X-Robots-Tag"] = "noindex"
    return response


def forget_old(*, at: datetime | None = None) -> int:
    """Delete visits that were asked for more than thirty days ago."""
    before = (at or clock.now()) - timedelta(days=KEPT_DAYS)
    return Visit.objects.filter(asked_at__lt=before).delete()[0]


def _signed(signer: Signer, text: str) -> int:
    """The number of the visit that was signed; 0, which is none, for anything else."""
    try:
        return int(signer.unsign(text))
    except (BadSignature, ValueError):
        return 0
