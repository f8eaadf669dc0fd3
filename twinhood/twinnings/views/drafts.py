"""The desk's pages of agreements on their way: begun, read, compared, agreed to."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from twinhood.kit import clock
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace
from twinhood.places.actions import name_place
from twinhood.twinnings import drafting, forms, queries, shown_drafts
from twinhood.twinnings.core.drafting import Side
from twinhood.twinnings.models import Draft, Proposal, Step, Version
from twinhood.twinnings.views.at_work import draft_at_work, form_page, own_side, tried_on


@require_safe
@in_workspace(Action.SEE_DESK)
def drafts(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Every draft, the newest first, with what waits in it."""
    rows = [
        {"draft": draft, "version": (version := drafting.last_version(draft)),
         "sides": shown_drafts.sides(draft, version, None)}
        for draft in queries.drafts_of(work.partnership)[:50]
    ]  # fmt: skip
    side = queries.side_of(work, Action.DRAFT_AGREEMENT)
    return render(request, "twinnings/drafts.html", {"work": work, "rows": rows, "side": side})


@in_workspace(Action.DRAFT_AGREEMENT)
def new(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Begin a draft with our model's text; what is sent twice begins one."""
    form = forms.BeginForm(request.POST or None, partnership=work.partnership)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        for place, code, name in form.names:
            name_place(place, name, code, source=str(work.organisation_for(Action.DRAFT_AGREEMENT)))
        draft = drafting.begin(
            partnership=work.partnership,
            kind=Draft.Kind(given["kind"]),
            is_companion=given["papers"] == "two",
            languages=(given["first_language"], given["second_language"]),
            by=work.person,
            side=own_side(work),
            at=clock.now(),
            form_key=given["form_key"],
        )
        return redirect("twinnings:draft", work.partnership.slug, draft.number)
    return form_page(request, "twinnings/begin.html", {"work": work, "form": form})


@require_safe
@in_workspace(Action.SEE_DESK)
def draft(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """The text as it stands, side by side, and who agreed to it."""
    return _draft_page(request, work, draft_at_work(work, number), {})


def _draft_page(
    request: HttpRequest, work: Workspace, draft: Draft, bound: dict[str, Any]
) -> HttpResponse:
    version = drafting.last_version(draft)
    content = version.text
    side = queries.side_of(work, Action.DRAFT_AGREEMENT)
    waiting = draft.proposals.filter(state=Proposal.State.OPEN).count()
    gaps = shown_drafts.gaps_of(content)
    is_open = draft.state == Draft.State.OPEN
    context = {
        "work": work,
        "draft": draft,
        "version": version,
        "papers": shown_drafts.papers(draft, content),
        "title": content.papers[0].opening.heading,
        "sides": shown_drafts.sides(draft, version, side),
        "gaps": gaps[:20],
        "more_gaps": max(len(gaps) - 20, 0),
        "waiting": waiting,
        "side": side,
        "may_write": side is not None and is_open,
        "may_mark": side is not None and is_open and not gaps and not waiting,
        "is_agreed": version.marks.count() == len(Side),
        "lacks_approval": shown_drafts.lacks_approval(draft),
        "step_form": forms.StepForm(today=clock.now().date(), work=work, prefix="step"),
    }
    return render(request, "twinnings/draft.html", context | bound, status=422 if bound else 200)


# --- versions, and agreeing to one


@require_safe
@in_workspace(Action.SEE_DESK)
def versions(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Every version, and the difference of two: `?from=1&to=3`; without, the last change."""
    draft = draft_at_work(work, number)
    every = list(
        draft.versions.select_related("made_by", "proposal__by")
        .prefetch_related("marks")
        .order_by("-number")
    )
    after = _asked(request, "to", every, every[0])
    before = _asked(request, "from", every, every[min(1, len(every) - 1)])
    context = {
        "work": work,
        "draft": draft,
        "versions": every,
        "before": before,
        "after": after,
        "changes": shown_drafts.changes_between(before.text, after.text),
    }
    return render(request, "twinnings/versions.html", context)


def _asked(request: HttpRequest, name: str, every: list[Version], otherwise: Version) -> Version:
    asked = request.GET.get(name, "")
    return next((version for version in every if str(version.number) == asked), otherwise)


@require_POST
@in_workspace(Action.DRAFT_AGREEMENT)
def mark(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Agree to exactly the version that was read, or (`back`) not any more."""
    draft, side = draft_at_work(work, number), own_side(work)
    if "back" in request.POST:
        return tried_on(
            request,
            work,
            number,
            lambda: drafting.take_mark_back(draft=draft, side=side),
            _("Your city’s mark is taken back."),
        )
    return tried_on(
        request,
        work,
        number,
        lambda: drafting.mark_agreed(
            draft=draft,
            seen_sha256=request.POST.get("seen", ""),
            by=work.person,
            side=side,
            at=clock.now(),
        ),
        _("Marked: your city agrees to exactly this version."),
    )


@require_POST
@in_workspace(Action.DRAFT_AGREEMENT)
def aside(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    draft, _own = draft_at_work(work, number), own_side(work)
    return tried_on(
        request,
        work,
        number,
        lambda: drafting.set_aside(draft=draft),
        _("Set aside. What was written stays to be read."),
    )


# --- what a side's law asks for


@require_POST
@in_workspace(Action.DRAFT_AGREEMENT)
def steps(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    draft, side = draft_at_work(work, number), own_side(work)
    form = forms.StepForm(
        request.POST, request.FILES, today=clock.now().date(), work=work, prefix="step"
    )
    if not form.is_valid():
        return _draft_page(request, work, draft, {"step_form": form})
    given = form.cleaned_data
    return tried_on(
        request,
        work,
        number,
        lambda: drafting.record_step(
            draft=draft,
            side=side,
            kind=Step.Kind(given["kind"]),
            number=given["number"],
            step_date=given["step_date"],
            body=given["body"],
            source=given["source"],
            votes=(given["votes_for"], given["votes_against"], given["votes_abstained"]),
            papers=given["papers"],
            by=work.person,
            at=clock.now(),
        ),
        _("Recorded."),
    )


@require_POST
@in_workspace(Action.DRAFT_AGREEMENT)
def strike(request: HttpRequest, work: Workspace, number: int, step: int) -> HttpResponse:
    """Strike out a record of the own side that was wrong."""
    draft, side = draft_at_work(work, number), own_side(work)
    found = get_object_or_404(draft.steps, pk=step, side=side)
    return tried_on(
        request,
        work,
        number,
        lambda: drafting.strike_step(
            step=found, reason=request.POST.get("reason", "")[:300], at=clock.now()
        ),
        _("Struck out, with your reason."),
    )
