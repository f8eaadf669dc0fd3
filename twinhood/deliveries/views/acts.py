"""The desk's pages of hand-overs."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from twinhood.deliveries import actions, errors, forms, queries
from twinhood.deliveries.models import HandoverAct
from twinhood.deliveries.views.sentences import sentence_for
from twinhood.kit import clock
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace


@require_safe
@in_workspace(Action.SEE_DESK)
def acts(request: HttpRequest, work: Workspace) -> HttpResponse:
    """What was bought and has no act, and the acts, the newest on top."""
    units = list(queries.units_without_act(work.partnership))
    rows = [(unit, queries.unit_name(unit.order.need, unit.number)) for unit in units]
    context = {"work": work, "rows": rows, "acts": queries.acts_of(work.partnership)}
    return render(request, "deliveries/acts.html", context)


@in_workspace(Action.HAND_OVER)
def hand_over(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Record a hand-over; what is sent twice is recorded once."""
    partnership = work.partnership
    units = list(queries.units_without_act(partnership))
    form = forms.HandOverForm(request.POST or None, partnership=partnership, units=units)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            act = actions.hand_over(
                partnership=partnership,
                things=form.things(),
                giver=given["giver"],
                receiver=given["receiver"],
                place=partnership.receiving_place,
                signed_by=given["signed_by"],
                handed_over_date=given["handed_over_date"],
                by=work.person,
                at=clock.now(),
                form_key=given["form_key"],
            )
        except errors.DeliveryError as problem:
            is_about_the_day = isinstance(problem, errors.DateInFuture)
            form.add_error("handed_over_date" if is_about_the_day else None, sentence_for(problem))
        else:
            messages.success(request, _("The act is recorded."))
            return redirect("deliveries:act", partnership.slug, act.number)
    elif request.method == "POST" and (known := _recorded_before(request, work)):
        return redirect("deliveries:act", partnership.slug, known.number)
    context = {"work": work, "form": form, "has_units": bool(units)}
    status = 422 if form.is_bound else 200
    return render(request, "deliveries/hand_over.html", context, status=status)


def _recorded_before(request: HttpRequest, work: Workspace) -> HandoverAct | None:
    """The act that this very form wrote before: its things are gone from the form by now."""
    sent = forms.FormKey(request.POST)
    if not sent.is_valid():
        return None
    key = sent.cleaned_data["form_key"]
    return HandoverAct.objects.filter(
        form_key=key, partnership=work.partnership, recorded_by=work.person
    ).first()


def _act(work: Workspace, number: int) -> HandoverAct:
    act = queries.acts_of(work.partnership).filter(number=number).first()
    if act is None:
        raise Http404
    return act


@require_safe
@in_workspace(Action.SEE_DESK)
def act(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """One act: what, from whom, to whom, in which condition, and from when it is public."""
    found = _act(work, number)
    lines = found.lines.select_related("unit__order__need").order_by("unit__number")
    is_receiver = queries.is_of_the_receiving_side(work.person, found)
    context = {
        "work": work,
        "act": found,
        "rows": [(li, queries.unit_name(li.unit.order.need, li.unit.number)) for li in lines],
        "is_public": not found.is_pulled_back and found.public_from_date <= clock.now().date(),
        "may_publish": is_receiver and work.may(Action.HAND_OVER),
        "may_pull_back": work.may(Action.HAND_OVER) and not found.is_pulled_back,
        "form": forms.PublicDateForm(act=found),
    }
    return render(request, "deliveries/act.html", context)


@require_POST
@in_workspace(Action.HAND_OVER)
def public_date(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Choose from when a delivery is public; the receiving side alone."""
    found = _act(work, number)
    form = forms.PublicDateForm(request.POST, act=found)
    if not form.is_valid():
        messages.error(request, _("Enter the day."))
        return redirect("deliveries:act", work.partnership.slug, number)
    day = form.cleaned_data["public_from"]
    return _tried(
        request,
        work,
        number,
        lambda: actions.set_public_date(act=found, public_from=day, by=work.person),
        _("Saved."),
    )


@require_POST
@in_workspace(Action.HAND_OVER)
def pull_back(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Take a delivery out of everything public at once."""
    found = _act(work, number)
    return _tried(
        request,
        work,
        number,
        lambda: actions.pull_back(act=found),
        _("Pulled back: nothing of it is public now."),
    )


def _tried(
    request: HttpRequest, work: Workspace, number: int, act: Callable[[], object], done: str
) -> HttpResponse:
    try:
        act()
        messages.success(request, done)
    except errors.DeliveryError as problem:
        messages.error(request, sentence_for(problem))
    return redirect("deliveries:act", work.partnership.slug, number)
