"""The desk's pages of screening: who is clear, what was found, who decided."""

import logging

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from twinhood.deliveries import errors, words
from twinhood.deliveries import screening as actions
from twinhood.deliveries.models import Screening
from twinhood.deliveries.views.sentences import sentence_for
from twinhood.kit import clock
from twinhood.kit.http import tried
from twinhood.kit.inputs import LineField
from twinhood.people.core.permissions import Action
from twinhood.people.models import Organisation
from twinhood.people.queries import Workspace, in_workspace

log = logging.getLogger(__name__)


class DecisionForm(forms.Form):
    """Whether a hit means this organisation."""

    is_listed = forms.ChoiceField(
        label=gettext_lazy("Are they the same?"),
        choices=[
            ("no", gettext_lazy("No, others of a like name")),
            ("yes", gettext_lazy("Yes, or I cannot rule it out")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    reason = LineField(
        label=gettext_lazy("Why"),
        max_length=500,
        error_messages={"required": words.REASON_MISSING["hit"]},
    )


@require_safe
@in_workspace(Action.SEE_DESK)
def screenings(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Suppliers and beneficiaries with the newest result about each, and the lists here."""
    newest = actions.latest_of(work.partnership)
    rows = [(body, newest.get(body.pk)) for body in _bodies(work)]
    context = {
        "work": work,
        "rows": rows,
        "lists": actions.lists_now(),
        "today": clock.now().date(),
        "may_screen": work.may(Action.PROPOSE_ORDER),
    }
    return render(request, "deliveries/screenings.html", context)


def _bodies(work: Workspace) -> list[Organisation]:
    ours = Q(quotes__need__partnership=work.partnership) | Q(needs__partnership=work.partnership)
    return list(Organisation.objects.filter(ours).distinct().order_by("kind", "pk"))


@require_POST
@in_workspace(Action.PROPOSE_ORDER)
def screen(request: HttpRequest, work: Workspace, organisation: int) -> HttpResponse:
    """Look one up now."""
    body = next((body for body in _bodies(work) if body.pk == organisation), None)
    if body is None:
        raise Http404
    try:
        found = actions.screen(
            organisation=body, partnership=work.partnership, by=work.person, at=clock.now()
        )
    except errors.NoLists as problem:
        messages.error(request, sentence_for(problem))
        return redirect("deliveries:screenings", work.partnership.slug)
    if found.hits:
        messages.warning(request, _("A name on a list is like this one. Somebody else decides."))
    else:
        messages.success(request, _("Nothing like it is on the lists."))
    return redirect("deliveries:screening", work.partnership.slug, found.pk)


def _found(work: Workspace, screening: int) -> Screening:
    related = Screening.objects.select_related("organisation", "screened_by", "decided_by")
    found = related.filter(partnership=work.partnership, pk=screening).first()
    if found is None:
        raise Http404
    return found


@require_safe
@in_workspace(Action.SEE_DESK)
def screening(request: HttpRequest, work: Workspace, screening: int) -> HttpResponse:
    """One result: which names, in which versions of which lists, what was found, who decided."""
    found = _found(work, screening)
    return _page(request, work, found, DecisionForm())


def _page(
    request: HttpRequest, work: Workspace, found: Screening, form: DecisionForm
) -> HttpResponse:
    is_open = found.outcome == Screening.Outcome.OPEN
    is_own = found.screened_by_id == work.person.pk
    context = {
        "work": work,
        "screening": found,
        "form": form,
        "may_decide": is_open and work.may(Action.APPROVE_ORDER) and not is_own,
        "is_own": is_open and is_own,
    }
    status = 422 if form.is_bound else 200
    return render(request, "deliveries/screening.html", context, status=status)


@require_POST
@in_workspace(Action.APPROVE_ORDER)
def screening_decision(request: HttpRequest, work: Workspace, screening: int) -> HttpResponse:
    """Decide about hits, with a reason."""
    found = _found(work, screening)
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, work, found, form)
    return tried(
        request,
        lambda: actions.decide(
            screening=found,
            is_listed=form.cleaned_data["is_listed"] == "yes",
            reason=form.cleaned_data["reason"],
            by=work.person,
            at=clock.now(),
        ),
        _("Decided."),
        refused=errors.DeliveryError,
        sentence_for=sentence_for,
        to=redirect("deliveries:screening", work.partnership.slug, found.pk),
    )
