"""The desk's page of the rules of orders."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from twinhood.deliveries import errors, rules, words
from twinhood.deliveries.core.payee import WAIT
from twinhood.deliveries.models import OrderRules
from twinhood.deliveries.rules import Limits
from twinhood.deliveries.terms import rules_of
from twinhood.deliveries.views.sentences import sentence_for
from twinhood.kit import clock
from twinhood.kit.http import tried
from twinhood.kit.inputs import LineField, language
from twinhood.kit.money import format_number
from twinhood.needs.inputs import currency_field, read_price
from twinhood.people import identity
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace


class RulesForm(forms.Form):
    """What orders are to be asked for, and why it changes."""

    limit = forms.CharField(
        label=gettext_lazy("Several quotes are asked above"),
        help_text=gettext_lazy("Empty: for every order."),
        required=False,
        max_length=40,
    )
    currency = currency_field()
    quotes_needed = forms.IntegerField(
        label=gettext_lazy("Quotes of so many suppliers"), min_value=3, max_value=10
    )
    together_days = forms.IntegerField(
        label=gettext_lazy("Orders within so many days count together"),
        min_value=7,
        max_value=365,
    )
    ceiling_percent = forms.IntegerField(
        label=gettext_lazy("Ceiling above the price in another currency, in percent"),
        min_value=0,
        max_value=20,
    )
    reason = LineField(
        label=gettext_lazy("Reason"),
        max_length=500,
        error_messages={"required": words.REASON_MISSING["rules"]},
    )

    def __init__(self, *args: Any, now: OrderRules, **more: Any) -> None:
        limit_minor, currency = now.quotes_limit_minor, now.quotes_limit_currency
        more.setdefault(
            "initial",
            {
                "limit": format_number(limit_minor, currency, language()) if limit_minor else "",
                "currency": currency,
                "quotes_needed": now.quotes_needed,
                "together_days": now.together_days,
                "ceiling_percent": now.ceiling_percent,
            },
        )
        super().__init__(*args, **more)
        self.fields["limit"].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["limit_minor"] = 0
        if cleaned.get("limit") and "currency" in cleaned:
            try:
                cleaned["limit_minor"] = read_price(cleaned["limit"], cleaned["currency"])
            except ValidationError as problem:
                self.add_error("limit", problem)
        return cleaned

    def limits(self) -> Limits:
        given = self.cleaned_data
        return Limits(
            given["limit_minor"], given["currency"], given["quotes_needed"],
            given["together_days"], given["ceiling_percent"],
        )  # fmt: skip


@require_safe
@in_workspace(Action.SEE_DESK)
def order_rules(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Which rules hold, which change waits, and what they were before."""
    return _page(request, work)


@require_POST
@in_workspace(Action.APPROVE_ORDER)
def propose_rules(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Propose other rules; who approves orders may."""
    form = RulesForm(request.POST, now=rules_of(work.partnership), prefix="rules")
    if not form.is_valid():
        return _page(request, work, form)
    return _tried(
        request,
        work,
        lambda: rules.propose(
            partnership=work.partnership,
            limits=form.limits(),
            reason=form.cleaned_data["reason"],
            by=work.person,
            organisation=work.organisation_for(Action.APPROVE_ORDER),
            at=clock.now(),
        ),
        _("Proposed. Somebody of another organisation who approves orders decides now."),
    )


@require_POST
@in_workspace(Action.APPROVE_ORDER)
def decide_rules(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Agree to the change that was on the page, or decline it."""
    found = _waiting(work)
    if found is None or str(found.pk) != request.POST.get("rules", ""):
        messages.error(request, str(words.WRONG_STATE))
        return redirect("deliveries:order_rules", work.partnership.slug)
    return _tried(
        request,
        work,
        lambda: rules.decide(
            rules=found,
            is_agreed="agree" in request.POST,
            by=work.person,
            organisation=work.organisation_for(Action.APPROVE_ORDER),
            at=clock.now(),
        ),
        _("Your word is recorded."),
    )


def _tried(request: HttpRequest, work: Workspace, act: Any, done: str) -> HttpResponse:
    return tried(
        request, act, done, refused=errors.DeliveryError, sentence_for=sentence_for,
        to=redirect("deliveries:order_rules", work.partnership.slug),
    )  # fmt: skip


def _waiting(work: Workspace) -> OrderRules | None:
    found = OrderRules.objects.filter(partnership=work.partnership, is_agreed=None)
    return found.select_related("proposed_by", "proposed_for").first()


def _page(request: HttpRequest, work: Workspace, form: RulesForm | None = None) -> HttpResponse:
    now, waiting = rules_of(work.partnership), _waiting(work)
    may = work.may(Action.APPROVE_ORDER)
    decided = OrderRules.objects.filter(partnership=work.partnership).exclude(is_agreed=None)
    context = {
        "work": work,
        "now": now,
        "waiting": waiting,
        "may_propose": may and waiting is None,
        "may_decide": may and waiting is not None and not _is_own(work, waiting),
        "form": form or RulesForm(now=now, prefix="rules"),
        "history": decided.select_related("proposed_by", "decided_by").order_by("-pk"),
        "wait_hours": int(WAIT.total_seconds() // 3600),
    }
    status = 422 if form else 200
    return render(request, "deliveries/rules.html", context, status=status)


def _is_own(work: Workspace, proposed: OrderRules) -> bool:
    organisation = work.organisation_for(Action.APPROVE_ORDER)
    return (
        proposed.proposed_by_id in identity.same_people(work.person)
        or proposed.proposed_for_id == organisation.pk
    )
