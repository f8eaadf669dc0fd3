"""What a supplier gives back for a thing: the whole price, or a part of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from twinhood.deliveries import actions, errors, forms, words
from twinhood.deliveries.views.orders import order_at, order_page, told, tried_on, unit_at
from twinhood.deliveries.views.sentences import sentence_for
from twinhood.kit import clock
from twinhood.kit.inputs import language
from twinhood.kit.money import format_money
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace


@require_POST
@in_workspace(Action.PAY_ORDER)
def credit(request: HttpRequest, work: Workspace, number: int, code: str) -> HttpResponse:
    """The supplier gave a thing's price back: it is cancelled, and its cents are free again."""
    order = order_at(work, number)
    unit = unit_at(order, code)
    form = forms.CreditForm(request.POST, prefix=f"credit-{code}", order=order)
    if not form.is_valid():
        return told(request, work, number, str(words.REASON_MISSING["cancellation"]))
    said = form.cleaned_data
    return tried_on(
        request,
        work,
        order,
        lambda: actions.credit_unit(
            unit=unit,
            reason=said["reason"],
            bank_code=said["bank_code"],
            by=work.person,
            at=clock.now(),
        ),
        _("The credit is recorded. Its money is free again."),
    )


@require_POST
@in_workspace(Action.PAY_ORDER)
def part_credit(request: HttpRequest, work: Workspace, number: int, code: str) -> HttpResponse:
    """A thing became cheaper: it stays, and so many of its cents are free again."""
    order = order_at(work, number)
    unit = unit_at(order, code)
    form = forms.PartCreditForm(request.POST, prefix=f"part-{code}", order=order)
    back = {"returned": {code: {"part_form": form}}}
    if not form.is_valid():
        return order_page(request, work, order, back)
    said = form.cleaned_data
    try:
        actions.credit_part(
            unit=unit,
            amount_minor=said["amount"],
            reason=said["reason"],
            bank_code=said["bank_code"],
            by=work.person,
            at=clock.now(),
            form_key=said["form_key"],
        )
    except errors.NotPaid as problem:
        paid = format_money(problem.paid_minor, order.currency, language())
        if problem.paid_minor > 0:
            form.add_error("amount", str(words.LESS_WAS_PAID) % {"paid": paid})
        else:
            form.add_error("bank_code", words.NOTHING_WAS_PAID)
        return order_page(request, work, order, back)
    except errors.PaidAlready as problem:
        unpaid = format_money(problem.unpaid_minor, order.currency, language())
        form.add_error("bank_code", str(words.LESS_IS_UNPAID) % {"unpaid": unpaid})
        return order_page(request, work, order, back)
    except errors.WholePrice as problem:
        form.add_error("amount", sentence_for(problem, order.currency))
        return order_page(request, work, order, back)
    except errors.DeliveryError as problem:
        return told(request, work, number, sentence_for(problem, order.currency))
    messages.success(request, _("The credit is recorded. Its money is free again."))
    return redirect("deliveries:order", work.partnership.slug, number)
