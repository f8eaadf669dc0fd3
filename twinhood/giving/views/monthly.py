"""A donor's monthly gifts: another amount, a pause, one left out, on again, or the end."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from twinhood.giving import errors, giver, recurring, words
from twinhood.giving.fields import read_amount
from twinhood.giving.models import RecurringGift
from twinhood.giving.views.give import leading_to_rails, see_other
from twinhood.giving.visits import Guest, for_guests, hidden
from twinhood.kit import clock
from twinhood.kit.money import format_money, format_number, minor_from_major

State = RecurringGift.State
PAUSE_DAYS_MAX = 366
# What the button for another card says that it does.
CARD = "card"
REFUSED = {
    "ended": _("This monthly gift has ended already. Nothing was changed."),
    "amount": _("The card service does not take this amount. Nothing was changed."),
    "by_hand": _("This monthly gift is not kept here. Write to who receives it."),
}


class ChangeForm(forms.Form):
    """Another amount."""

    amount = forms.CharField(label=_("New amount each month"), max_length=60, required=False)

    def __init__(self, said: QueryDict | None, found: RecurringGift) -> None:
        self.found, self.language = found, get_language() or "en"
        typed = format_number(found.amount_minor, found.currency, self.language)
        super().__init__(said, initial={"amount": typed}, prefix=f"m{found.pk}")
        self.fields["amount"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean_amount(self) -> int:
        currency = self.found.currency
        typed = self.cleaned_data["amount"]
        amount_minor = read_amount(typed, currency, self.language, words.AMOUNT)
        least = minor_from_major(settings.GIFT_MAJOR_MIN, currency)
        most = minor_from_major(settings.GIFT_MAJOR_MAX, currency)
        if not least <= amount_minor <= most:
            said = {
                "least": format_money(least, currency, self.language, short=True),
                "most": format_money(most, currency, self.language, short=True),
            }
            raise ValidationError(gettext("Enter an amount between %(least)s and %(most)s.") % said)
        return amount_minor


class PauseForm(forms.Form):
    """Until when it pauses."""

    until = forms.DateField(
        label=_("No payments before this day"),
        required=False,
        help_text=_("Empty: until you go on."),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"invalid": _("Write the day as 2027-03-01.")},
    )

    def __init__(self, said: QueryDict | None, found: RecurringGift) -> None:
        super().__init__(said, prefix=f"p{found.pk}")
        self.today = clock.today_in(found.pledge.partnership.giving_place.time_zone)

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until is None:
            return None
        if not self.today < until <= self.today + timedelta(days=PAUSE_DAYS_MAX):
            raise ValidationError(gettext("Choose a day after today, within a year."))
        return until


def card_of(found: RecurringGift, url: str, said: QueryDict | None = None) -> dict[str, Any]:
    """What the template needs of one monthly gift; `said` fills the form that was sent."""
    act = said.get("act") if said else None
    return {
        "recurring": found,
        "url": url,
        "change": ChangeForm(said if act == "change" else None, found),
        "pause": PauseForm(said if act == "pause" else None, found),
        "is_over": found.state == State.ENDED,
        "waits": found.state in {State.PAUSED, State.HELD},
    }


@require_safe
@for_guests
def monthly(request: HttpRequest, guest: Guest) -> HttpResponse:
    """Monthly gifts, those that go on first."""
    return _page(request, guest)


@require_http_methods(["GET", "HEAD", "POST"])
@for_guests
def monthly_one(request: HttpRequest, guest: Guest, pk: int) -> HttpResponse:
    """Do with one of them what the donor asks."""
    found = giver.recurring_of(guest.ids).filter(pk=pk).first()
    if found is None:
        raise Http404
    if request.POST.get("act") == CARD:
        return _to_card(request, found, reverse("giver:monthly"))
    if request.method == "POST" and not _is_done(request, found):
        return _page(request, guest, (found, request.POST))
    return redirect("giver:monthly")


def _page(
    request: HttpRequest, guest: Guest, sent: tuple[RecurringGift, QueryDict] | None = None
) -> HttpResponse:
    cards = []
    for found in giver.recurring_of(guest.ids):
        said = sent[1] if sent and sent[0].pk == found.pk else None
        cards.append(card_of(found, reverse("giver:monthly_one", args=[found.pk]), said))
    context = {"tab": "monthly", "guest": guest, "cards": cards}
    response = render(request, "giving/giver_monthly.html", context, status=422 if sent else 200)
    return leading_to_rails(response)


@require_http_methods(["GET", "HEAD", "POST"])
def monthly_by(request: HttpRequest, secret: str) -> HttpResponse:
    """The same for one, by the donor's link of the pledge or of any gift that came of it."""
    found = giver.recurring_by(secret)
    if found is None:
        raise Http404
    if request.POST.get("act") == CARD:
        return hidden(_to_card(request, found, reverse("giver:monthly_by", args=[secret])))
    is_refused = request.method == "POST" and not _is_done(request, found)
    if request.method == "POST" and not is_refused:
        return hidden(redirect("giver:monthly_by", secret))
    context = {"card": card_of(found, "", request.POST if is_refused else None)}
    status = 422 if is_refused else 200
    page = render(request, "giving/giver_monthly_by.html", context, status=status)
    return hidden(leading_to_rails(page))


def _to_card(request: HttpRequest, found: RecurringGift, own: str) -> HttpResponse:
    """Lead to the rail's page for another card, and back to our `own`."""
    try:
        address = recurring.new_card(recurring=found, back_url=settings.SITE_URL + own)
    except (errors.RailDown, errors.RailRefuses) as problem:
        _say_no(request, problem)
        return redirect(own)
    return see_other(address)


def _is_done(request: HttpRequest, found: RecurringGift) -> bool:
    """Do what was asked; False where the form must be mended. What a rail says no to is told."""
    do = ACTS.get(request.POST.get("act", ""))
    if do is None:
        raise Http404
    try:
        done = do(request.POST, found)
    except (errors.RailDown, errors.RailRefuses) as problem:
        _say_no(request, problem)
        return True
    if done is None:
        return False
    messages.success(request, done)
    return True


def _say_no(request: HttpRequest, problem: errors.RailDown | errors.RailRefuses) -> None:
    if isinstance(problem, errors.RailRefuses):
        generic = _("The card service said no. Nothing was changed.")
        messages.error(request, str(REFUSED.get(problem.code, generic)))
        return
    sentence = gettext("The card service does not answer. Nothing was changed; try again soon.")
    messages.error(request, sentence)


# Each gives the sentence of what was done; None where the form must be mended.


def _change(said: QueryDict, found: RecurringGift) -> str | None:
    form = ChangeForm(said, found)
    if not form.is_valid():
        return None
    amount_minor = form.cleaned_data["amount"]
    changed = recurring.change(
        recurring=found, amount_minor=amount_minor, cover_minor=_cover(found, amount_minor)
    )
    amount = format_money(changed.amount_minor, changed.currency, form.language)
    return gettext("From the next payment on it is %(amount)s each month.") % {"amount": amount}


def _cover(found: RecurringGift, amount_minor: int) -> int:
    """Who covered the fee goes on covering it: so much of the new amount is the fee."""
    rule = settings.CARD_FEES.get(found.currency)
    if not found.cover_minor or rule is None:
        return 0
    return min(int(rule.fee_minor(amount_minor)), amount_minor - 1)


def _pause(said: QueryDict, found: RecurringGift) -> str | None:
    form = PauseForm(said, found)
    if not form.is_valid():
        return None
    recurring.pause(recurring=found, until=form.cleaned_data["until"])
    return gettext("It pauses. No payment is taken until it goes on.")


def _skip(said: QueryDict, found: RecurringGift) -> str:
    recurring.skip(recurring=found)
    return gettext("The next payment is left out; the ones after it come on their days.")


def _resume(said: QueryDict, found: RecurringGift) -> str:
    recurring.resume(recurring=found)
    return gettext("It goes on, from the next day on which a payment is due.")


def _end(said: QueryDict, found: RecurringGift) -> str:
    recurring.end(recurring=found)
    return gettext("It has ended. No payment is taken any more. Thank you for all of them.")


ACTS: dict[str, Callable[[QueryDict, RecurringGift], str | None]] = {
    "change": _change,
    "pause": _pause,
    "skip": _skip,
    "resume": _resume,
    "end": _end,
}
