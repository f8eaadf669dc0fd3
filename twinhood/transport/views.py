"""The desk's pages of shipments."""

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from twinhood.deliveries.core.receivers import NotAReceiver
from twinhood.deliveries.handing_over import state_legal_form
from twinhood.deliveries.words import NOT_A_RECEIVER
from twinhood.documents import file_words
from twinhood.documents.answers import pdf_or_why_not
from twinhood.kit import clock
from twinhood.kit.money import minor_from_major
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace
from twinhood.transport import actions, errors, forms, papers, queries, words
from twinhood.transport.core.legs import OutOfOrder
from twinhood.transport.models import Damage, Leg, Shipment

MENDABLE = (errors.TransportError, NotAReceiver, OutOfOrder)


def sentence_for(problem: Exception) -> str:
    """Say in the reader's language what happened and what to do."""
    match problem:
        case errors.Closed(code=code):
            return str(words.CLOSED[code])
        case errors.BadDay(code=code):
            return str(words.BAD_DAY[code])
        case errors.TravelsElsewhere(name=name):
            return str(words.TRAVELS_ELSEWHERE) % {"thing": name}
        case errors.CodeKnown():
            return str(words.CODE_KNOWN)
        case NotAReceiver(code=code):
            return str(NOT_A_RECEIVER[code])
        case OutOfOrder(code=code):
            return str(words.OUT_OF_ORDER[code])
    raise problem


@require_safe
@in_workspace(Action.SEE_DESK)
def shipments(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Every shipment: where it is, and how its report stands."""
    found = list(queries.shipments_of(work.partnership))
    rows = [
        {"shipment": one, "where": _where(one), "report": queries.report_state(one)}
        for one in found
    ]
    return render(request, "transport/shipments.html", {"work": work, "rows": rows})


def _where(shipment: Shipment) -> dict[str, Any]:
    """The stage in words, and the city or the stretch, from the fetched legs."""
    if shipment.cancelled_at:
        return {"words": _("Cancelled"), "tag": "x"}
    found, legs = queries.whereabouts(shipment), list(shipment.legs.all())
    said = {"words": words.STAGE[found.stage], "tag": words.STAGE_TAG[found.stage]}
    if found.leg is None:
        return said
    leg = legs[found.leg - 1]
    place = f"{leg.from_place} → {leg.to_place}" if leg.arrived_at is None else str(leg.to_place)
    return said | {"place": place}


@in_workspace(Action.SHIP)
def new(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Begin a shipment; what is sent twice begins one."""
    form = forms.BeginForm(request.POST or None, partnership=work.partnership)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if given["legal_form"]:
            state_legal_form(organisation=given["consignee"], legal_form=given["legal_form"])
        shipment = actions.begin(
            partnership=work.partnership,
            consignor=work.partnership.recipient,
            consignee=given["consignee"],
            purpose=given["purpose"],
            by=work.person,
            at=clock.now(),
            form_key=given["form_key"],
        )
        return redirect("transport:loads", work.partnership.slug, shipment.number)
    return _form_page(request, "transport/begin.html", {"work": work, "form": form})


def _form_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, context, status=422 if context["form"].is_bound else 200)


def _shipment(work: Workspace, number: int) -> Shipment:
    found = queries.shipment_at_work(work.partnership, number)
    if found is None:
        raise Http404
    return found


@require_safe
@in_workspace(Action.SEE_DESK)
def shipment(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """One shipment: what is in it, where it is, customs, its papers, what went wrong."""
    return _detail(request, work, _shipment(work, number), {})


def _detail(
    request: HttpRequest, work: Workspace, found: Shipment, bound: dict[str, Any]
) -> HttpResponse:
    totals = queries.totals_of(found)
    may = work.may(Action.SHIP) and found.cancelled_at is None
    loads: list[dict[str, Any]] = [
        {
            "load": load,
            "name": queries.load_name(load),
            "serial": queries.load_serial(load),
            "uah_minor": queries.uah_minor(load, found.rates.all()),
            "act": getattr(load.unit, "handover", None) if load.unit else None,
        }
        for load in found.loads.all()
    ]
    context = {
        "work": work,
        "shipment": found,
        "loads": loads,
        "totals": totals,
        "legs": found.legs.all(),
        "where": _where(found),
        "report": queries.report_state(found),
        "has_late_report": found.consignee_id in queries.late_reporters(work.partnership),
        "damages": [
            {"damage": damage, "name": row["name"], "form": forms.RemedyForm(
                prefix=f"remedy-{damage.pk}", initial=_remedy_of(damage))}
            for row in loads for damage in row["load"].damages.all()
        ],
        "papers": [(kind.value, _PAPER_WORDS[kind]()) for kind in papers.Paper],
        "may_ship": may,
        "may_change_things": may and not found.declaration_code,
        "may_declare": may and bool(loads) and not found.cleared_date,
        "may_clear": may and bool(found.declaration_code) and not found.reported_date,
        "may_report": may and bool(found.cleared_date),
        "may_cancel": may and not found.cleared_date,
        "declaration_form": forms.DeclarationForm(
            prefix="declaration",
            initial={"code": found.declaration_code, "day": found.declared_date},
        ),
        "clearance_form": forms.ClearanceForm(
            prefix="clearance", initial={"day": found.cleared_date}
        ),
        "report_form": forms.ReportForm(
            prefix="report", initial={"number": found.report_number, "day": found.reported_date}
        ),
        "rate_form": forms.RateForm(prefix="rate", currencies=totals.value_minor),
        "cancel_form": forms.ReasonForm(prefix="cancel"),
    }  # fmt: skip
    status = 422 if bound else 200
    return render(request, "transport/shipment.html", context | bound, status=status)


def _remedy_of(damage: Damage) -> dict[str, str]:
    return {"remedy": damage.remedy, "note": damage.remedy_note}


_PAPER_WORDS: dict[papers.Paper, Callable[[], str]] = {
    papers.Paper.LETTER: lambda: _("Donation letter"),
    papers.Paper.PACKING: lambda: _("Packing list"),
    papers.Paper.DECLARATION: lambda: _("Data for the humanitarian declaration"),
    papers.Paper.REPORT: lambda: _("Data for the report on presence and distribution"),
}


def _try_in_form(form: django_forms.Form, act: Callable[[], object], field: str | None) -> bool:
    """Do it, or put the sentence into the form; whether it is done."""
    try:
        act()
    except MENDABLE as problem:
        form.add_error(field, sentence_for(problem))
        return False
    return True


@in_workspace(Action.SHIP)
def loads(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Say what is in a shipment, until it is declared."""
    found = _shipment(work, number)
    form = forms.LoadsForm(request.POST or None, shipment=found)
    if request.method == "POST" and form.is_valid():
        packed = form.packed()
        if _try_in_form(form, lambda: actions.load(shipment=found, things=packed), None):
            messages.success(request, _("Saved."))
            return redirect("transport:shipment", work.partnership.slug, number)
    return _form_page(
        request, "transport/loads.html", {"work": work, "shipment": found, "form": form}
    )


_FIELD_OF = {
    "planned": "planned_arrival",
    "actual": "arrived",
    "not_departed": "departed",
    "gap": "departed",
    "before_last": "departed",
}


@in_workspace(Action.SHIP)
def new_leg(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Add a leg at the end of the way."""
    return _leg_page(request, work, _shipment(work, number), None)


@in_workspace(Action.SHIP)
def leg(request: HttpRequest, work: Workspace, number: int, position: int) -> HttpResponse:
    """Change a leg, or record when it left and arrived."""
    found = _shipment(work, number)
    at = next((one for one in found.legs.all() if one.position == position), None)
    if at is None:
        raise Http404
    return _leg_page(request, work, found, at)


def _leg_page(
    request: HttpRequest, work: Workspace, found: Shipment, at: Leg | None
) -> HttpResponse:
    form = forms.LegForm(request.POST or None, partnership=work.partnership, leg=at)
    if request.method == "POST" and form.is_valid():
        try:
            actions.write_leg(
                shipment=found,
                text=form.text(),
                position=at.position if at else None,
                at=clock.now(),
            )
        except OutOfOrder as problem:
            form.add_error(_field_of(problem, form), sentence_for(problem))
        except errors.TransportError as problem:
            form.add_error(None, sentence_for(problem))
        else:
            messages.success(request, _("Saved."))
            return redirect("transport:shipment", work.partnership.slug, found.number)
    context = {"work": work, "shipment": found, "leg": at, "form": form}
    return _form_page(request, "transport/leg.html", context)


def _field_of(problem: OutOfOrder, form: forms.LegForm) -> str:
    if problem.code == "future":
        departed = form.cleaned_data["departed"]
        return "departed" if departed and departed > clock.now() else "arrived"
    return _FIELD_OF[problem.code]


def _small_form(
    request: HttpRequest,
    work: Workspace,
    found: Shipment,
    name: str,
    form: django_forms.Form,
    act: Callable[[], object],
    done: str,
    field: str | None = None,
) -> HttpResponse:
    """A form that stands on the shipment's page: do it, or show the page with the sentence."""
    if form.is_valid() and _try_in_form(form, act, field):
        messages.success(request, done)
        return redirect("transport:shipment", work.partnership.slug, found.number)
    return _detail(request, work, found, {f"{name}_form": form, "form": form, "open": name})


@require_POST
@in_workspace(Action.SHIP)
def declaration(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Record the declaration's code; from now on what is in the shipment stays."""
    found = _shipment(work, number)
    form = forms.DeclarationForm(request.POST, prefix="declaration")
    return _small_form(
        request, work, found, "declaration", form,
        lambda: actions.declare(
            shipment=found, code=form.cleaned_data["code"], day=form.cleaned_data["day"]
        ),
        _("The code is recorded. What is in the shipment stays from now on."),
    )  # fmt: skip


@require_POST
@in_workspace(Action.SHIP)
def clearance(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Record the day of customs clearance: the report's days are counted from it."""
    found = _shipment(work, number)
    form = forms.ClearanceForm(request.POST, prefix="clearance")
    return _small_form(
        request, work, found, "clearance", form,
        lambda: actions.clear_customs(shipment=found, day=form.cleaned_data["day"]),
        _("Recorded. The report is due 90 days later; you will be reminded."), "day",
    )  # fmt: skip


@require_POST
@in_workspace(Action.SHIP)
def report(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Record that the report was filed."""
    found = _shipment(work, number)
    form = forms.ReportForm(request.POST, prefix="report")
    return _small_form(
        request, work, found, "report", form,
        lambda: actions.report(
            shipment=found, number=form.cleaned_data["number"], day=form.cleaned_data["day"]
        ),
        _("Recorded: the report is filed."), "day",
    )  # fmt: skip


@require_POST
@in_workspace(Action.SHIP)
def rate(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """State what the shipment's amounts are worth in hryvnias."""
    found = _shipment(work, number)
    currencies = queries.totals_of(found).value_minor
    form = forms.RateForm(request.POST, prefix="rate", currencies=currencies)

    def act() -> None:
        given = form.cleaned_data
        actions.state_rate(
            shipment=found,
            currency=given["currency"],
            amount_minor=minor_from_major(forms.RATE_UNITS, given["currency"]),
            uah_minor=given["rate"],
            day=given["day"],
            source=given["source"],
            by=work.person,
        )

    return _small_form(request, work, found, "rate", form, act, _("The rate is stated."), "day")


@require_POST
@in_workspace(Action.SHIP)
def cancellation(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Give a shipment up; its things may travel in another."""
    found = _shipment(work, number)
    form = forms.ReasonForm(request.POST, prefix="cancel")
    return _small_form(
        request, work, found, "cancel", form,
        lambda: actions.cancel(
            shipment=found, reason=form.cleaned_data["reason"], at=clock.now()
        ),
        _("Cancelled. Its things may travel in another shipment."),
    )  # fmt: skip


@in_workspace(Action.HAND_OVER)
def damage(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Record what was found damaged or missing; what is sent twice is recorded once."""
    found = _shipment(work, number)
    form = forms.DamageForm(
        request.POST or None, request.FILES or None, shipment=found, by=work.person
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data

        def act() -> None:
            actions.record_damage(
                load=form.loads[given["load"]],
                kind=Damage.Kind(given["kind"]),
                note=given["note"],
                found=given["found_date"],
                leg=form.legs.get(given["leg"]),
                by=work.person,
                at=clock.now(),
                form_key=given["form_key"],
                photos=given["photos"],
            )

        if _try_in_form(form, act, "found_date"):
            messages.success(request, _("Recorded. Both sides see it."))
            if left := file_words.left_behind(given["photos"]):
                messages.info(request, left)
            return redirect("transport:shipment", work.partnership.slug, number)
    return _form_page(
        request, "transport/damage.html", {"work": work, "shipment": found, "form": form}
    )


@require_POST
@in_workspace(Action.SHIP)
def remedy(request: HttpRequest, work: Workspace, number: int, damage: int) -> HttpResponse:
    """Say how a loss was made good."""
    found = _shipment(work, number)
    about = next(
        (d for load in found.loads.all() for d in load.damages.all() if d.pk == damage), None
    )
    if about is None:
        raise Http404
    form = forms.RemedyForm(request.POST, prefix=f"remedy-{damage}")
    if not form.is_valid():
        messages.error(request, _("Say how it was made good, and name the paper."))
    else:
        actions.record_remedy(
            damage=about,
            remedy=Damage.Remedy(form.cleaned_data["remedy"]),
            note=form.cleaned_data["note"],
            by=work.person,
            at=clock.now(),
        )
        messages.success(request, _("Saved."))
    return redirect("transport:shipment", work.partnership.slug, number)


@require_safe
@in_workspace(Action.SEE_DESK)
def paper(request: HttpRequest, work: Workspace, number: int, paper: str) -> HttpResponse:
    """A paper of the shipment as PDF, made of what is known now."""
    found = _shipment(work, number)
    if paper not in set(papers.Paper):
        raise Http404
    return pdf_or_why_not(
        request,
        lambda: papers.paper(found, papers.Paper(paper)),
        name=f"{found}-{paper}.pdf",
        instead=reverse("transport:shipment", args=[work.partnership.slug, number]),
    )


@require_safe
@in_workspace(Action.SEE_DESK)
def report_data(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """The report's data for a spreadsheet."""
    found = _shipment(work, number)
    response = HttpResponse(papers.report_csv(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{found}-report.csv"'
    return response
