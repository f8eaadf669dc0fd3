"""The desk's pages of orders."""

import logging
from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from twinhood.deliveries import actions, approval_paper, errors, forms, invoices, queries, words
from twinhood.deliveries.core.approval import APPROVALS_NEEDED, Refusal, canonical, fingerprint
from twinhood.deliveries.models import HandoverAct, Order, OrderRules, Unit
from twinhood.deliveries.screening import latest
from twinhood.deliveries.terms import rules_of
from twinhood.deliveries.views import licence_form
from twinhood.deliveries.views.sentences import MENDABLE, doubts_about, sentence_for
from twinhood.documents.answers import pdf_or_why_not
from twinhood.kit import clock
from twinhood.kit.http import tried
from twinhood.kit.inputs import language
from twinhood.kit.money import format_money
from twinhood.ledger.errors import FundTooSmall
from twinhood.needs.models import Need
from twinhood.people import case, identity
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace

log = logging.getLogger(__name__)


@require_safe
@in_workspace(Action.SEE_DESK)
def orders(request: HttpRequest, work: Workspace) -> HttpResponse:
    """What waits for approval first, then everything else, the newest on top."""
    found = list(queries.orders_of(work.partnership))
    proposed = [o for o in found if o.state == Order.State.PROPOSED]
    context = {
        "work": work,
        "proposed": sorted(proposed, key=lambda o: o.number),
        "others": [o for o in found if o.state != Order.State.PROPOSED],
        "has_needs": queries.orderable_needs(work.partnership).exists(),
        "rules_wait": work.may(Action.APPROVE_ORDER)
        and OrderRules.objects.filter(partnership=work.partnership, is_agreed=None).exists(),
    }
    return render(request, "deliveries/orders.html", context)


@in_workspace(Action.PROPOSE_ORDER)
def propose(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Propose an order; without `?need=` first choose what for."""
    need = _asked_need(request, work)
    if need is None:
        context = {"work": work, "needs": queries.orderable_needs(work.partnership)}
        return render(request, "deliveries/choose_need.html", context)
    chosen = need.quotes.filter(pk=_digits(request.GET.get("quote", ""))).first()
    form = forms.ProposeForm(request.POST or None, need=need, chosen=chosen)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        order = _try_in_form(
            form,
            lambda: actions.propose_order(
                quote=given["quote"],
                quantity=given["quantity"],
                by=work.person,
                organisation=work.organisation_for(Action.PROPOSE_ORDER),
                at=clock.now(),
                terms=form.terms(),
                form_key=given["form_key"],
            ),
        )
        if order is not None:
            messages.success(request, _("Proposed. Two other people decide now."))
            return redirect("deliveries:order", work.partnership.slug, order.number)
    return _propose_page(request, work, need, form)


def _asked_need(request: HttpRequest, work: Workspace) -> Need | None:
    typed = request.GET.get("need", "")
    if not typed:
        return None
    found = queries.orderable_needs(work.partnership).select_related("campaign__fund", "fund")
    need = found.filter(number=_digits(typed)).first()
    if need is None:
        raise Http404
    return need


def _digits(typed: str) -> int:
    """A number of an address, 0 for anything else: no row has it."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 9 else 0


_FIELD_OF: dict[type[Exception], str] = {
    errors.ReasonMissing: "reason",
    errors.MoreThanNeeded: "quantity",
    errors.QuoteExpired: "quote",
    errors.NoFund: "quote",
}


_FIELD_OF_TERMS = {
    "fund": "source_fund",
    "payee": "payee",
    "rate": "rate",
    "rate_source": "rate_said_by",
    "rate_date": "rate_date",
}


def _try_in_form(form: django_forms.Form, act: Callable[[], Order]) -> Order | None:
    """Do it, or put the sentence at the field that can mend it."""
    try:
        return act()
    except errors.BadTerms as problem:
        form.add_error(_FIELD_OF_TERMS[problem.code], sentence_for(problem))
        return None
    except errors.DeliveryError as problem:
        form.add_error(_FIELD_OF.get(type(problem)), sentence_for(problem))
        return None


def _propose_page(
    request: HttpRequest,
    work: Workspace,
    need: Need,
    form: forms.ProposeForm,
    order: Order | None = None,
) -> HttpResponse:
    currencies = list(dict.fromkeys(need.quotes.order_by("id").values_list("currency", flat=True)))
    context = {
        "work": work,
        "need": need,
        "form": form,
        "order": order,
        "percent": rules_of(work.partnership).ceiling_percent,
        "left": need.wanted - queries.things_ordered(need, besides=order),
        "rooms": [r for code in currencies for r in queries.rooms_for(need, code, at=clock.now())],
    }
    status = 422 if form.is_bound else 200
    return render(request, "deliveries/propose.html", context, status=status)


@in_workspace(Action.PROPOSE_ORDER)
def edit(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Change what is proposed; approvals so far are void."""
    order = order_at(work, number)
    if order.state not in queries.OPEN_ORDERS or order.proposed_by_id != work.person.pk:
        return told(request, work, number, str(words.WRONG_STATE))
    form = forms.ProposeForm(request.POST or None, need=order.need, order=order)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        edited = _try_in_form(
            form,
            lambda: actions.edit_order(
                order=order,
                quote=given["quote"],
                quantity=given["quantity"],
                by=work.person,
                at=clock.now(),
                terms=form.terms(),
            ),
        )
        if edited is not None:
            messages.success(request, _("Changed. Approvals so far are void."))
            return redirect("deliveries:order", work.partnership.slug, number)
    return _propose_page(request, work, order.need, form, order)


def order_at(work: Workspace, number: int) -> Order:
    order = queries.order_at_work(work.partnership, number)
    if order is None:
        raise Http404
    return order


@require_safe
@in_workspace(Action.SEE_DESK)
def order(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """One order: its exact content, who said yes, what was paid, where its things are."""
    return order_page(request, work, order_at(work, number), {})


def _case(work: Workspace, order: Order) -> list[case.ToldStep]:
    """The order's own way, from the asking to the last follow-up."""
    today = work.partnership.receiving_today
    return case.told(case.Case(work.partnership, order.need.number, today, order.number))


def order_page(
    request: HttpRequest, work: Workspace, order: Order, bound: dict[str, Any]
) -> HttpResponse:
    """The page of one order; `bound` holds a form that came back, if one did."""
    status = 422 if bound else 200
    approvals = order.present_approvals  # type: ignore[attr-defined]
    units = list(order.units.all())
    is_proposed = order.state == Order.State.PROPOSED
    content = queries.content_of(order, units)
    # What an order's content comprises grew since it was proposed: nobody can approve it so.
    is_open = order.state in queries.OPEN_ORDERS
    must_be_saved = is_open and fingerprint(content) != order.content_hash
    context = {
        "work": work,
        "order": order,
        "case": _case(work, order),
        "units": _rows(order, units, work, bound.pop("returned", {})),
        "content": canonical(content).decode(),
        "must_be_saved": must_be_saved,
        "approvals": approvals,
        "has_paper": len(approvals) >= APPROVALS_NEEDED,
        "screenings": [
            (body, latest(body, work.partnership))
            for body in (order.quote.supplier, order.need.beneficiary)
        ],
        "today": clock.now().date(),
        **licence_form.shown(order, work),
        "refused": [
            (tried, words.TRIED[Refusal(tried.refusal)])
            for tried in order.refused_approvals.select_related("person").order_by("tried_at", "id")
        ],
        **_rights(work, order, must_be_saved=must_be_saved),
        "rate": forms.written_rate(order),
        "fee": getattr(order, "bank_fee", None),
        "exchange_form": forms.ExchangeForm(order=order, prefix="exchange"),
        "rooms": queries.rooms_for(order.need, order.currency, at=clock.now())
        if is_proposed
        else [],
        "approval_form": forms.ApprovalForm(
            order=order, initial={"seen_hash": order.content_hash}, prefix="approval"
        ),
        "refusal_form": forms.ReasonForm(prefix="refusal"),
        **_billed(order),
    }
    return render(request, "deliveries/order.html", context | bound, status=status)


def _rights(work: Workspace, order: Order, *, must_be_saved: bool) -> dict[str, Any]:
    """What this person may do with the order as it is, for the page; each action asks again."""
    is_proposed = order.state == Order.State.PROPOSED
    is_open = order.state in queries.OPEN_ORDERS
    is_own = order.proposed_by_id == work.person.pk
    why_not = _why_not(work, order) if is_proposed else ""
    may_approve = work.may(Action.APPROVE_ORDER)
    return {
        "why_not": why_not,
        "may_approve": is_proposed and may_approve and not must_be_saved and not why_not,
        "may_refuse": is_open and may_approve and not is_own,
        "may_edit": is_open and is_own,
        "may_exchange": order.state == Order.State.APPROVED
        and work.may(Action.EXCHANGE)
        and not is_own,
        "may_pay": order.state == Order.State.PLACED and work.may(Action.PAY_ORDER) and not is_own,
    }


def _billed(order: Order) -> dict[str, Any]:
    """What the supplier asked for, and what is paid of it."""
    is_placed = order.state == Order.State.PLACED
    return {
        "invoices": [
            (one, invoices.left_minor(one), invoices.parts_of(one) if one.total_minor else ())
            for one in order.invoices.order_by("invoice_date", "pk")
        ],
        "unbilled_minor": invoices.unbilled_minor(order) if is_placed else 0,
        "invoice_form": forms.InvoiceForm(order=order, prefix="invoice"),
        "void_form": forms.ReasonForm(prefix="void"),
        "payment_form": forms.PaymentForm(order=order, prefix="payment"),
        "no_payee": words.NO_PAYEE,
        "unpaid_minor": queries.unpaid_minor(order) if is_placed else 0,
    }


def _why_not(work: Workspace, order: Order) -> str:
    """What forbids this person to approve, for the page; the action asks again under a lock."""
    if not work.may(Action.APPROVE_ORDER):
        return ""
    approvals = order.present_approvals  # type: ignore[attr-defined]
    mine = work.organisation_for(Action.APPROVE_ORDER).pk
    refusal = None
    if order.proposed_by_id == work.person.pk:
        refusal = Refusal.PROPOSER
    elif mine == order.quote.supplier_id:
        refusal = Refusal.PAYEE
    elif work.person.pk in {a.approved_by_id for a in approvals}:
        refusal = Refusal.TWICE
    elif mine in {a.organisation_id for a in approvals}:
        refusal = Refusal.SAME_ORGANISATION
    elif not identity.is_known(work.person):
        refusal = Refusal.UNKNOWN
    return str(words.APPROVE_REFUSED[refusal]) if refusal else ""


def _rows(
    order: Order, units: list[Unit], work: Workspace, returned: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """Each unit with its name and what may be done with it; `returned` holds, by a unit's code,
    a form that came back.
    """
    may_pay = work.may(Action.PAY_ORDER)
    may_credit = may_pay and order.proposed_by_id != work.person.pk
    is_vehicle, is_placed = queries.is_vehicle(order.need), order.state == Order.State.PLACED
    rows = []
    for unit in units:
        line = getattr(unit, "handover", None)
        is_on_the_way = is_placed and not unit.cancelled_at and line is None
        rows.append(
            {
                "unit": unit,
                "name": queries.unit_name(order.need, unit.number),
                "line": line,
                "may_name": is_on_the_way and work.may(Action.HAND_OVER),
                "may_cancel": is_on_the_way and may_pay,
                "may_credit": may_credit and _may_credit(order, unit),
                "may_reduce": may_credit and is_placed and not unit.cancelled_at,
                "serial_form": forms.SerialForm(
                    is_vehicle=is_vehicle,
                    initial={"serial": unit.serial},
                    prefix=f"serial-{unit.code}",
                ),
                "cancel_form": forms.ReasonForm(prefix=f"cancel-{unit.code}"),
                "credit_form": forms.CreditForm(prefix=f"credit-{unit.code}", order=order),
                "part_form": forms.PartCreditForm(prefix=f"part-{unit.code}", order=order),
                **returned.get(unit.code, {}),
            }
        )
    return rows


def _may_credit(order: Order, unit: Unit) -> bool:
    """Paid for, and either still on its way, or received damaged or not at all."""
    line = getattr(unit, "handover", None)
    is_usable = line is not None and line.condition == HandoverAct.Condition.GOOD
    is_live = order.state == Order.State.PLACED and not unit.cancelled_at
    return is_live and not is_usable and bool(order.payments.all())


def told(request: HttpRequest, work: Workspace, number: int, sentence: str) -> HttpResponse:
    messages.error(request, sentence)
    return redirect("deliveries:order", work.partnership.slug, number)


@require_POST
@in_workspace(Action.APPROVE_ORDER)
def approval(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Approve the content that was on the page; the second approval places the order."""
    order = order_at(work, number)
    form = forms.ApprovalForm(request.POST, order=order, prefix="approval")
    if not form.is_valid():
        return order_page(request, work, order, {"approval_form": form})
    try:
        done = actions.approve(
            order=order, by=work.person, seen_hash=form.cleaned_data["seen_hash"], at=clock.now()
        )
    except MENDABLE as problem:
        log.warning("deliveries.approval_refused order=%s reason=%s", order, problem)
        return told(request, work, number, sentence_for(problem, order.currency))
    messages.success(
        request,
        _("Approved by two: the order is placed and its money is set aside.")
        if done.is_placed
        else _("Approved by two: its ceiling is set aside until the bank changes the money.")
        if done.is_waiting
        else _("Approved. One more person, of another organisation, decides."),
    )
    return redirect("deliveries:order", work.partnership.slug, number)


@require_safe
@in_workspace(Action.SEE_DESK)
def approvals_pdf(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """The record of who approved what, as PDF; 404 while there are not two."""
    found = order_at(work, number)
    if not approval_paper.approvals_of(found):
        raise Http404
    return pdf_or_why_not(
        request,
        lambda: approval_paper.render(found),
        name=f"{found}-approvals.pdf",
        instead=reverse("deliveries:order", args=[work.partnership.slug, number]),
    )


@require_POST
@in_workspace(Action.APPROVE_ORDER)
def refusal(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    order = order_at(work, number)
    form = forms.ReasonForm(request.POST, prefix="refusal")
    if order.proposed_by_id == work.person.pk:
        return told(request, work, number, str(words.APPROVE_REFUSED[Refusal.PROPOSER]))
    if not form.is_valid():
        return order_page(request, work, order, {"refusal_form": form})
    reason = form.cleaned_data["reason"]
    return tried_on(
        request,
        work,
        order,
        lambda: actions.refuse_order(order=order, by=work.person, reason=reason, at=clock.now()),
        _("Refused. The proposer reads your reason."),
    )


def tried_on(
    request: HttpRequest, work: Workspace, order: Order, act: Callable[[], object], done: str
) -> HttpResponse:
    """Do it and say so, or say what forbids it; then show the order as it is now."""

    def sentence(problem: Exception) -> str:
        return sentence_for(problem, order.currency)

    to = redirect("deliveries:order", work.partnership.slug, order.number)
    return tried(request, act, done, refused=MENDABLE, sentence_for=sentence, to=to)


@require_POST
@in_workspace(Action.EXCHANGE)
def exchange(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Place an approved order with the money that the bank changed for it."""
    order = order_at(work, number)
    if order.source_fund is None:
        return told(request, work, number, str(words.WRONG_STATE))
    form = forms.ExchangeForm(request.POST, order=order, prefix="exchange")
    if not form.is_valid():
        return order_page(request, work, order, {"exchange_form": form})
    given = form.cleaned_data
    try:
        actions.exchange_and_place(
            order=order,
            paid_minor=given["paid"],
            fee_minor=given["fee"],
            bank_code=given["bank_code"],
            by=work.person,
            at=clock.now(),
        )
    except errors.OverCeiling as problem:
        log.warning("deliveries.over_ceiling order=%s %s", order, problem)
        form.add_error("paid", sentence_for(problem))
        return order_page(request, work, order, {"exchange_form": form})
    except MENDABLE as problem:
        log.warning("deliveries.exchange_refused order=%s reason=%s", order, problem)
        return told(request, work, number, sentence_for(problem, form.currency))
    messages.success(request, _("The exchange is booked and the order is placed."))
    return redirect("deliveries:order", work.partnership.slug, number)


_FIELD_OF_INVOICE: dict[type[Exception], str] = {
    errors.DifferenceUnsaid: "difference",
    errors.InvoiceKnown: "number",
    errors.OtherTotal: "total",
    errors.MoreThanTotal: "amount",
}


@require_POST
@in_workspace(Action.PAY_ORDER)
def record_invoice(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Record an invoice of the supplier."""
    order = order_at(work, number)
    form = forms.InvoiceForm(request.POST, order=order, prefix="invoice")
    if not form.is_valid():
        return order_page(request, work, order, {"invoice_form": form})
    given = form.cleaned_data
    try:
        invoices.record(
            order=order,
            number=given["number"],
            amount_minor=given["amount"],
            invoice_date=given["invoice_date"],
            difference=given["difference"],
            total_minor=given["total"],
            by=work.person,
            at=clock.now(),
        )
    except errors.DeliveryError as problem:
        sentence = sentence_for(problem, order.currency)
        if type(problem) not in _FIELD_OF_INVOICE:
            return told(request, work, number, sentence)
        form.add_error(_FIELD_OF_INVOICE[type(problem)], sentence)
        return order_page(request, work, order, {"invoice_form": form})
    messages.success(request, _("The invoice is recorded."))
    return redirect("deliveries:order", work.partnership.slug, number)


@require_POST
@in_workspace(Action.PAY_ORDER)
def void_invoice(request: HttpRequest, work: Workspace, number: int, invoice: int) -> HttpResponse:
    """Take back an invoice of which nothing is paid."""
    order = order_at(work, number)
    found = order.invoices.filter(pk=invoice).first()
    if found is None:
        raise Http404
    form = forms.ReasonForm(request.POST, prefix="void")
    if not form.is_valid():
        return told(request, work, number, str(words.REASON_MISSING["void"]))
    reason = form.cleaned_data["reason"]
    return tried_on(
        request,
        work,
        order,
        lambda: invoices.void(invoice=found, reason=reason, by=work.person, at=clock.now()),
        _("Taken back. It is paid no more."),
    )


@require_POST
@in_workspace(Action.PAY_ORDER)
def payments(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Record money that was paid to the supplier."""
    order = order_at(work, number)
    form = forms.PaymentForm(request.POST, order=order, prefix="payment")
    if not form.is_valid():
        return order_page(request, work, order, {"payment_form": form})
    given = form.cleaned_data
    try:
        actions.pay(
            order=order,
            amount_minor=given["amount"],
            invoice=given["invoice"],
            bank_code=given["bank_code"],
            by=work.person,
            at=clock.now(),
            payee=given["payee"],
            form_key=given["form_key"],
        )
    except FundTooSmall as problem:
        left = format_money(problem.free_minor, order.currency, language())
        form.add_error("amount", str(words.MORE_THAN_COMMITTED) % {"left": left})
        return order_page(request, work, order, {"payment_form": form})
    except errors.MoreThanInvoiced as problem:
        form.add_error("amount", sentence_for(problem, order.currency))
        return order_page(request, work, order, {"payment_form": form})
    except errors.DeliveryError as problem:
        return told(request, work, number, sentence_for(problem))
    messages.success(request, _("The payment is recorded."))
    return redirect("deliveries:order", work.partnership.slug, number)


def unit_at(order: Order, code: str) -> Unit:
    unit = next((u for u in order.units.all() if u.code == code), None)
    if unit is None:
        raise Http404
    return unit


@require_POST
@in_workspace(Action.HAND_OVER)
def serial(request: HttpRequest, work: Workspace, number: int, code: str) -> HttpResponse:
    """Record the number on a thing's plate."""
    order = order_at(work, number)
    unit = unit_at(order, code)
    form = forms.SerialForm(
        request.POST, is_vehicle=queries.is_vehicle(order.need), prefix=f"serial-{code}"
    )
    if not form.is_valid():
        problems = [str(problem) for problem in form.errors["serial"]]
        return told(request, work, number, " ".join(problems))
    plate = form.cleaned_data["serial"]
    try:
        actions.set_serial(unit=unit, serial=plate.number, by=work.person)
    except MENDABLE as problem:
        return told(request, work, number, sentence_for(problem))
    messages.success(request, _("The number is recorded."))
    for sentence in doubts_about(plate):
        messages.warning(request, sentence)
    return redirect("deliveries:order", work.partnership.slug, number)


@require_POST
@in_workspace(Action.PAY_ORDER)
def cancellation(request: HttpRequest, work: Workspace, number: int, code: str) -> HttpResponse:
    """Give one thing up; its cents are free again."""
    order = order_at(work, number)
    unit = unit_at(order, code)
    form = forms.ReasonForm(request.POST, prefix=f"cancel-{code}")
    if not form.is_valid():
        return told(request, work, number, str(words.REASON_MISSING["cancellation"]))
    reason = form.cleaned_data["reason"]
    return tried_on(
        request,
        work,
        order,
        lambda: actions.cancel_unit(unit=unit, reason=reason, at=clock.now()),
        _("Cancelled. Its money is free again."),
    )
