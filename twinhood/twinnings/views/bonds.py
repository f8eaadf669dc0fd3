"""The desk's page of the bond: its state, who decided what, and what a city decides now."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from twinhood.kit import clock
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace
from twinhood.twinnings import actions, errors, queries
from twinhood.twinnings.forms import StateForm
from twinhood.twinnings.words import sentence_for


@in_workspace(Action.RECORD_STATE)
def bond(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Read the bond's history, and record a decision of one's own city."""
    found = queries.bond(work.partnership)
    # The bonds of the example are public facts of real cities; nobody who plays decides on them.
    side = None if work.partnership.is_example else queries.side_of(work, Action.RECORD_STATE)
    if found is None:
        return render(request, "twinnings/bond.html", {"work": work, "bond": None})
    twinning = found.twinning
    form = StateForm(request.POST or None, state=twinning.state)
    if request.method == "POST":
        if side is None:
            raise PermissionDenied
        if form.is_valid():
            try:
                actions.change_state(
                    twinning=twinning,
                    place=queries.place_of(work.partnership, side),
                    by=work.person,
                    at=clock.now(),
                    **form.facts(),
                )
            except errors.AgreementError as problem:
                form.add_error(None, sentence_for(problem))
            else:
                messages.success(request, _("Recorded. It stands in the history of the bond now."))
                return redirect("twinnings:bond", work.partnership.slug)
    context = {"work": work, "bond": found, "form": form if side else None}
    status = 422 if form.is_bound else 200
    return render(request, "twinnings/bond.html", context, status=status)
