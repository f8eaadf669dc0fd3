"""The desk's page of offices: who may sign for each city."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from twinhood.kit import clock
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace
from twinhood.twinnings import drafting, errors, office_forms, queries
from twinhood.twinnings.core.drafting import Side
from twinhood.twinnings.models import Term
from twinhood.twinnings.views.at_work import own_side


@in_workspace(Action.SEE_DESK)
def offices(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Who may sign for each city, on which legal basis, from when until when."""
    side = queries.side_of(work, Action.DRAFT_AGREEMENT)
    form = None
    if side is not None:
        form = office_forms.TermForm(
            request.POST or None, partnership=work.partnership, side=side, prefix="term"
        )
    if request.method == "POST":
        if form is None or side is None:
            raise PermissionDenied
        if form.is_valid():
            drafting.record_term(
                partnership=work.partnership,
                side=side,
                by=work.person,
                at=clock.now(),
                **form.facts(),
            )
            messages.success(request, _("Recorded."))
            return redirect("twinnings:offices", work.partnership.slug)
    return _offices_page(request, work, form, {})


def _offices_page(
    request: HttpRequest, work: Workspace, form: office_forms.TermForm | None, bound: dict[str, Any]
) -> HttpResponse:
    own = queries.side_of(work, Action.DRAFT_AGREEMENT)
    sides = [
        {
            "place": queries.place_of(work.partnership, side),
            "is_own": side == own,
            "terms": [_shown_term(term) for term in queries.terms_of(work.partnership, side)],
        }
        for side in Side
    ]
    context = {
        "work": work,
        "sides": sides,
        "form": form,
        "end_form": office_forms.EndForm(prefix="end"),
    }
    is_bad = bool(bound) or (form is not None and form.is_bound)
    return render(request, "twinnings/offices.html", context | bound, status=422 if is_bad else 200)


def _shown_term(term: Term) -> dict[str, Any]:
    today = clock.today_in(term.office.place.time_zone)
    has_ended = term.until_date is not None and term.until_date < today
    return {"term": term, "has_ended": has_ended, "is_to_come": term.since_date > today}


@require_POST
@in_workspace(Action.DRAFT_AGREEMENT)
def ending(request: HttpRequest, work: Workspace, term: int) -> HttpResponse:
    """Say on which day somebody's powers end."""
    found = get_object_or_404(Term, pk=term, office__partnership=work.partnership)
    side = own_side(work)
    if found.office.place != queries.place_of(work.partnership, side):
        raise PermissionDenied
    form = office_forms.EndForm(request.POST, prefix="end")
    if not form.is_valid():
        own = office_forms.TermForm(partnership=work.partnership, side=side, prefix="term")
        return _offices_page(request, work, own, {"end_form": form, "ending": found.pk})
    try:
        drafting.end_term(term=found, **form.cleaned_data)
    except errors.AgreementError:
        messages.error(request, _("That day does not lie within the term."))
    else:
        messages.success(request, _("Recorded."))
    return redirect("twinnings:offices", work.partnership.slug)
