"""Matchers' offers at the desk: recorded, with what is owed, paid and left."""

import uuid
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from twinhood.giving import matching, words
from twinhood.giving.core.matching_gift import NotMatched, Ratio
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.fields import FundField, LineField, fund_title, funds_of, read_amount
from twinhood.giving.keys import master_keys, open_donor
from twinhood.giving.models import Gift, MatchOffer
from twinhood.kit.fields import LocalText
from twinhood.ledger.models import Fund
from twinhood.people.core.permissions import Action
from twinhood.people.models import Partnership
from twinhood.people.queries import Workspace, in_workspace

PAYMENTS_MAX = 100
AMOUNTS = ("cap", "gives", "per")
REFUSALS = {
    "unknown": _("There is no gift of this number."),
    "fund": _("This gift lies in another fund than the one that is matched."),
    "linked": _("This gift pays another offer already."),
    "early": _("This gift is older than the offer."),
}


def _day_input() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class OfferForm(forms.Form):
    """What a matcher promises, and what the world reads of it."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    fund = FundField(queryset=Fund.objects.none(), label=_("Fund"), empty_label=None)
    cap = forms.CharField(
        label=_("Up to how much"),
        max_length=60,
        error_messages={"required": words.AMOUNT["empty"]},
    )
    gives = forms.CharField(
        label=_("They add"),
        max_length=60,
        initial="1",
        error_messages={"required": words.AMOUNT["empty"]},
    )
    per = forms.CharField(
        label=_("… for each"),
        max_length=60,
        initial="1",
        help_text=_("1 for each 1 doubles gifts; 0.50 for each 1 adds half of them."),
        error_messages={"required": words.AMOUNT["empty"]},
    )
    from_date = forms.DateField(
        label=_("First day"), widget=_day_input(), error_messages={"required": words.DATE["empty"]}
    )
    until_date = forms.DateField(
        label=_("Last day"), widget=_day_input(), error_messages={"required": words.DATE["empty"]}
    )
    name = LineField(
        label=_("Who adds"),
        length_max=200,
        error_messages={"required": _("Say who adds to the gifts.")},
    )
    email = forms.EmailField(
        label=_("E-mail"), required=False, error_messages={"invalid": words.CELL["email"]}
    )
    sentence_en = LineField(
        label=_("The public sentence, in English"),
        length_max=300,
        help_text=_("As in: Rotary doubles every gift until the end of the year."),
        error_messages={"required": _("Write the sentence that everybody reads.")},
    )
    sentence_uk = LineField(
        label=_("The public sentence, in Ukrainian"), length_max=300, required=False
    )

    def __init__(self, *args: Any, partnership: Partnership, **more: Any) -> None:
        super().__init__(*args, **more)
        self.zone = ZoneInfo(partnership.giving_place.time_zone)
        self.fields["form_key"].initial = uuid.uuid4()
        self.fields["fund"].queryset = funds_of(partnership)  # type: ignore[attr-defined]
        for name in AMOUNTS:
            self.fields[name].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        fund = cleaned.get("fund")
        if fund is not None:
            self._read_amounts(cleaned, fund.currency)
        first, last = cleaned.get("from_date"), cleaned.get("until_date")
        if first and last and last < first:
            self.add_error("until_date", _("The last day cannot be before the first."))
        return cleaned

    def _read_amounts(self, cleaned: dict[str, Any], currency: str) -> None:
        for name in AMOUNTS:
            if not cleaned.get(name):
                continue
            try:
                cleaned[name] = read_amount(
                    cleaned[name], currency, get_language() or "en", words.AMOUNT
                )
            except ValidationError as problem:
                self.add_error(name, problem)
        if not {"gives", "per"} & set(self.errors):
            try:
                self.ratio = Ratio.of(cleaned["gives"], cleaned["per"])
            except NotMatched:
                self.add_error("gives", _("Say it in smaller numbers, at most 100 for each 1."))

    def _starts(self, day: date) -> datetime:
        return datetime.combine(day, time(), self.zone)

    def terms(self) -> matching.Terms:
        """What is to be recorded; only after `is_valid()`."""
        said = self.cleaned_data
        sentences = {"en": said["sentence_en"], "uk": said["sentence_uk"]}
        return matching.Terms(
            fund=said["fund"],
            matcher=DonorFacts(name=said["name"], email=said["email"]),
            sentence=LocalText({code: text for code, text in sentences.items() if text}),
            cap_minor=said["cap"],
            ratio=self.ratio,
            from_at=self._starts(said["from_date"]),
            until_at=self._starts(said["until_date"] + timedelta(days=1)),
            language=get_language() or "en",
        )


class PaymentForm(forms.Form):
    """A gift of the matcher that pays what the offer owes."""

    offer = forms.IntegerField(widget=forms.HiddenInput)
    ref = forms.CharField(
        label=_("Number of the matcher’s gift"),
        max_length=32,
        error_messages={"required": _("Enter the number of the gift.")},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Action.READ_BOOKS)
def offers(request: HttpRequest, work: Workspace) -> HttpResponse:
    """All offers with their figures; record one; link a payment to one, or take the link back."""
    step = request.POST.get("step", "")
    form = OfferForm(request.POST if step == "record" else None, partnership=work.partnership)
    payment = PaymentForm(request.POST if step in {"link", "unlink"} else None)
    if request.method == "POST":
        if not work.may(Action.TAKE_GIFT):
            raise PermissionDenied
        if _done(request, work, step, form, payment):
            return redirect("giving:matching", work.partnership.slug)
    context = {
        "work": work,
        "form": form,
        "payment": payment,
        "rows": [_row(work, offer) for offer in matching.offers_of(work.partnership)],
        "takes_gifts": work.may(Action.TAKE_GIFT),
        "zone": work.partnership.giving_place.time_zone,
    }
    status = 422 if form.errors or payment.errors else 200
    return render(request, "giving/matching.html", context, status=status)


def _done(
    request: HttpRequest, work: Workspace, step: str, form: OfferForm, payment: PaymentForm
) -> bool:
    if step == "record":
        if not form.is_valid():
            return False
        matching.record(
            partnership=work.partnership,
            form_key=form.cleaned_data["form_key"],
            terms=form.terms(),
            person=work.person,
        )
        messages.success(
            request, gettext("The offer is recorded. Donors see it from its first day.")
        )
        return True
    if not payment.is_valid():
        return False
    told = payment.cleaned_data
    offer = get_object_or_404(MatchOffer, partnership=work.partnership, pk=told["offer"])
    ref = told["ref"].strip().upper()
    if step == "unlink":
        matching.unlink_payment(offer=offer, ref=ref)
        messages.success(request, gettext("The gift pays this offer no more."))
        return True
    try:
        matching.link_payment(offer=offer, ref=ref, person=work.person)
    except matching.CannotLink as problem:
        payment.add_error("ref", REFUSALS[problem.code])
        return False
    messages.success(request, gettext("The gift pays this offer."))
    return True


def _row(work: Workspace, offer: MatchOffer) -> dict[str, Any]:
    row: dict[str, Any] = {"figure": matching.figure(offer), "fund": fund_title(offer.fund)}
    row["payments"] = [
        payment.gift
        for payment in offer.payments.select_related("gift").order_by("id")[:PAYMENTS_MAX]
    ]
    row["last_day"] = offer.until_at - timedelta(seconds=1)
    if work.may(Action.SEE_DONORS):
        row["name"] = open_donor(offer.matcher, master_keys()).name
        row["unlinked"] = list(
            Gift.objects.filter(
                donor=offer.matcher_id,
                fund=offer.fund_id,
                settled_at__gte=offer.from_at,
                match_payment=None,
            ).order_by("id")[:PAYMENTS_MAX]
        )
    return row
