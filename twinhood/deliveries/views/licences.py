"""Licences of things of dual use, on the page of their order."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from twinhood.deliveries import errors, licences, words
from twinhood.deliveries.forms import ReasonForm
from twinhood.deliveries.models import Licence
from twinhood.deliveries.views import licence_form
from twinhood.deliveries.views.orders import order_at, order_page
from twinhood.deliveries.views.sentences import sentence_for
from twinhood.kit import clock
from twinhood.kit.http import tried
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace


@require_POST
@in_workspace(Action.SEE_DESK)
def licence_flag(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Say that what is ordered may need a licence; who proposes or approves may."""
    order = order_at(work, number)
    if licence_form.shown(order, work)["may_flag"]:
        licences.flag(order.need)
        messages.success(request, _("Nothing is ordered now before two have read a licence."))
    else:
        messages.error(request, str(words.WRONG_STATE))
    return redirect("deliveries:order", work.partnership.slug, number)


@require_POST
@in_workspace(Action.PROPOSE_ORDER)
def attach_licence(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Attach a licence, or a note that none is needed."""
    order = order_at(work, number)
    form = licence_form.LicenceForm(request.POST, request.FILES, prefix="licence", work=work)
    if not form.is_valid():
        return order_page(request, work, order, {"licence_form": form})
    given = form.cleaned_data
    licences.enter(
        need=order.need,
        kind=Licence.Kind(given["kind"]),
        file=given["file"],
        said_by=given["said_by"],
        until_date=given["until_date"],
        by=work.person,
        at=clock.now(),
    )
    messages.success(request, _("Attached. Somebody else who approves orders reads it."))
    return redirect("deliveries:order", work.partnership.slug, number)


@require_POST
@in_workspace(Action.APPROVE_ORDER)
def read_licence(request: HttpRequest, work: Workspace, number: int, licence: int) -> HttpResponse:
    """Say that one read the paper, and whether it does."""
    order = order_at(work, number)
    found = Licence.objects.filter(need=order.need, pk=licence).first()
    if found is None:
        messages.error(request, str(words.WRONG_STATE))
        return redirect("deliveries:order", work.partnership.slug, number)
    is_accepted = "accept" in request.POST
    form = ReasonForm(request.POST, prefix="unfit")
    if not is_accepted and not form.is_valid():
        return order_page(request, work, order, {"unfit_form": form})
    reason = "" if is_accepted else form.cleaned_data["reason"]
    return tried(
        request,
        lambda: licences.read(
            licence=found, is_accepted=is_accepted, by=work.person, at=clock.now(), reason=reason
        ),
        _("Your word is recorded."),
        refused=errors.DeliveryError,
        sentence_for=sentence_for,
        to=redirect("deliveries:order", work.partnership.slug, number),
    )
