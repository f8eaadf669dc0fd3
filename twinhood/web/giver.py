"""The donor's place where rooms meet: what each gift bought, and how it stands.

Amounts are minor units of the currency beside them.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from twinhood.giving import giver, pledging, queries, reallocation
from twinhood.giving.keys import MasterKeys, master_keys
from twinhood.giving.models import Gift, Reallocation
from twinhood.giving.visits import Guest, for_guests
from twinhood.kit import clock
from twinhood.web import trace as tracing
from twinhood.web.seen import Seen

PAGE = 20
# Of a large gift that went into many things, the list names so many; its page names all.
SHARES_MAX = 6


@dataclass(frozen=True, slots=True)
class OwnGift:
    """A gift in the donor's list. `more` shares stand only on its own page; `choice` is open
    while its need was withdrawn, and `token` opens it.
    """

    gift: Gift
    refunded_minor: int
    shares: Sequence[tracing.Share]
    more: int
    choice: Reallocation | None
    token: str

    @property
    def is_wholly_refunded(self) -> bool:
        return self.refunded_minor >= self.gift.amount_minor


@require_safe
@for_guests
def gifts(request: HttpRequest, guest: Guest) -> HttpResponse:
    """All gifts of the donor's address, in every partnership, and what became of each."""
    page = Paginator(giver.gifts_of(guest.ids), PAGE).get_page(request.GET.get("page"))
    context = {
        "tab": "gifts",
        "guest": guest,
        "page": page,
        "gifts": _own(list(page)),
        "totals": giver.totals_of(guest.ids),
    }
    return render(request, "web/giver_gifts.html", context)


def _own(found: Sequence[Gift]) -> list[OwnGift]:
    seen, refunded = Seen(clock.now()), giver.refunded_minor(found)
    choices = reallocation.choices_of(found)
    own = []
    for gift in found:
        shares = [s for s in tracing.shares_of(gift, seen) if s.to not in {"exchange", "refund"}]
        more = max(0, len(shares) - SHARES_MAX)
        choice, token = choices.get(gift.pk, (None, ""))
        back_minor = refunded.get(gift.pk, 0)
        own.append(OwnGift(gift, back_minor, shares[:SHARES_MAX], more, choice, token))
    return own


@require_safe
@for_guests
def gift(request: HttpRequest, guest: Guest, ref: str) -> HttpResponse:
    """One gift: its secret page where we know its address, else the same page here."""
    found = giver.gifts_of(guest.ids).filter(ref=ref).first()
    if found is None:
        raise Http404
    secret = _secret(found, master_keys())
    if secret is not None:
        return redirect("web:trace", secret)
    context = {
        "page": tracing.page(found, get_language() or "en", Seen(clock.now())),
        "gift": found,
        "partnership": found.partnership,
        "contact": queries.contact_of(found.partnership),
    }
    return render(request, "web/trace.html", context)


def _secret(found: Gift, keys: MasterKeys) -> str | None:
    return pledging.secret_of_gift(found, keys)
