"""The proof of a gift, for whoever has its secret link.

The link may be shown to friends, so the file names nobody. What the donor told is added only for
who can type it.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from twinhood.giving import queries as giving
from twinhood.giving.models import Gift
from twinhood.giving.opening import is_donor, opening_of
from twinhood.kit import limits
from twinhood.ledger.models import Entry
from twinhood.translog.core.proof import GIFT
from twinhood.translog.proofs import proof_of

# Whoever has the link may guess so often in an hour.
TRIES_MAX = 5


class DonorForm(forms.Form):
    """Asks for what only the donor and the treasurer know."""

    told = forms.CharField(
        label=_("Your e-mail address, as you gave it"),
        help_text=_("If you gave none: your name, letter by letter."),
        max_length=254,
    )


def page(request: HttpRequest, secret: str) -> HttpResponse:
    """How to get the proof; posted, the proof with what the donor told."""
    gift = _gift(secret)
    form = DonorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if _may_try(gift) and is_donor(gift, form.cleaned_data["told"]):
            return _file(gift, is_opened=True)
        form.add_error(
            "told",
            _(
                "That is not what was given with this gift, or it was tried too often:"
                " then wait an hour."
            ),
        )
    leaf_id = _leaf_id(gift)
    context = {
        "gift": gift,
        "secret": secret,
        "form": form,
        "is_sealed": leaf_id is not None and _proof(leaf_id) is not None,
        "has_donor": gift.donor_id is not None and gift.donor_salt is not None,
    }
    status = 422 if form.errors else 200
    return _private(render(request, "web/proof.html", context, status=status))


@require_safe
def file(request: HttpRequest, secret: str) -> HttpResponse:
    """The proof without what the donor told."""
    return _file(_gift(secret))


def _gift(secret: str) -> Gift:
    gift = giving.gift_by_secret(secret)
    if gift is None:
        raise Http404
    return gift


def _leaf_id(gift: Gift) -> int | None:
    entries = Entry.objects.filter(partnership=gift.partnership_id, key=gift.key)
    return entries.values_list("leaf_id", flat=True).first()


def _may_try(gift: Gift) -> bool:
    """Count a try; False for too many in an hour."""
    return limits.count("proof", str(gift.pk)) <= TRIES_MAX


def _proof(leaf_id: int, opening: Mapping[str, Any] | None = None) -> bytes | None:
    return proof_of(leaf_id, kind=GIFT, opening=opening)


def _file(gift: Gift, *, is_opened: bool = False) -> HttpResponse:
    leaf_id = _leaf_id(gift)
    proof = _proof(leaf_id, opening_of(gift) if is_opened else None) if leaf_id else None
    if proof is None:
        raise Http404
    response = HttpResponse(proof, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="gift-{gift.ref}-proof.json"'
    return _private(response)


def _private(response: HttpResponse) -> HttpResponse:
    """Keep the secret address with us; "no-referrer" would make a browser's own form come from
    nowhere (`Origin: null`), which no form is taken from."""
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "same-origin"
    return response
