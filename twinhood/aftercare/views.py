"""Pages of follow-ups, of questions about holders, and of the register of incidents."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twinhood.aftercare import errors, following, forms, incidents, queries, questions, words
from twinhood.aftercare.models import FollowUp, Incident, Question
from twinhood.deliveries.errors import NotTheReceiver
from twinhood.deliveries.queries import are_of_the_receiving_side, is_vehicle, unit_name
from twinhood.deliveries.words import NOT_THE_RECEIVER
from twinhood.documents import file_words
from twinhood.kit import clock
from twinhood.kit.http import public, tried
from twinhood.kit.inputs import language
from twinhood.people.core.permissions import Action
from twinhood.people.models import Partnership
from twinhood.people.queries import Workspace, in_workspace

# --- the holder's page, by a secret link


@require_http_methods(["GET", "HEAD", "POST"])
def holder(request: HttpRequest, secret: str) -> HttpResponse:
    """The holder says how a thing fares: no account, once, as long as the link is valid."""
    follow_up = following.by_secret(secret)
    if follow_up is None:
        raise Http404
    need = follow_up.unit.order.need
    context: dict[str, Any] = {
        "follow_up": follow_up,
        "thing": unit_name(need, follow_up.unit.number),
        "partnership": follow_up.unit.order.partnership,
    }
    if follow_up.answered_at is None:
        form = forms.AnswerForm(
            request.POST or None,
            request.FILES or None,
            follow_up=follow_up,
            is_vehicle=is_vehicle(need),
        )
        context |= {"form": form, "is_old": _is_old(follow_up)}
        if form.is_bound and not context["is_old"] and form.is_valid():
            return _answered(request, follow_up, form, secret)
        status = 410 if context["is_old"] else 422 if form.is_bound else 200
    elif request.method == "POST" and not _is_the_same(request, follow_up):
        context["note"] = words.ANSWERED
        status = 409
    else:
        status = 200
    return _private(render(request, "aftercare/holder.html", context, status=status))


holder.is_open = True  # type: ignore[attr-defined]


def _private(response: HttpResponse) -> HttpResponse:
    """The address is the key: it goes to no search engine and to no other site."""
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "same-origin"
    return response


def _is_old(follow_up: FollowUp) -> bool:
    return following.today_of(follow_up) > follow_up.link_until_date


def _is_the_same(request: HttpRequest, follow_up: FollowUp) -> bool:
    """Whether this form was sent, and taken, before."""
    return request.POST.get("form_key", "") == str(follow_up.form_key)


def _answered(
    request: HttpRequest, follow_up: FollowUp, form: forms.AnswerForm, secret: str
) -> HttpResponse:
    try:
        following.answer(
            follow_up=follow_up,
            said=form.answer(),
            form_key=form.cleaned_data["form_key"],
            at=clock.now(),
        )
    except errors.Answered:
        messages.error(request, words.ANSWERED)
    except errors.Expired:
        messages.error(request, words.EXPIRED)
    else:
        messages.success(request, _("Thank you. Your answer is recorded."))
        if left := file_words.left_behind(form.cleaned_data["photos"]):
            messages.info(request, left)
    return redirect("holder:follow_up", secret)


# --- the desk: follow-ups


@require_safe
@in_workspace(Action.SEE_DESK)
def follow_ups(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Every thing that was handed over, and what was heard of it; the silent ones first."""
    stories = [
        {
            "story": story,
            "name": unit_name(story.unit.order.need, story.unit.number),
            "may_release": work.may(Action.HAND_OVER)
            and are_of_the_receiving_side(work.roles, story.unit.handover.act),
        }
        for story in queries.stories_of(work.partnership)
    ]
    context = {"work": work, "stories": stories, "may_renew": work.may(Action.HAND_OVER)}
    return render(request, "aftercare/follow_ups.html", context)


def _follow_up(work: Workspace, pk: int) -> FollowUp:
    found = queries.follow_ups_of(work.partnership).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@require_POST
@in_workspace(Action.HAND_OVER)
def link(request: HttpRequest, work: Workspace, pk: int) -> HttpResponse:
    """Make the holder another link and show it once; the old one opens nothing any more."""
    try:
        follow_up = following.renew(follow_up=_follow_up(work, pk), at=clock.now())
    except errors.Answered:
        messages.error(request, words.ANSWERED)
        return redirect("aftercare:follow_ups", work.partnership.slug)
    context = {
        "work": work,
        "follow_up": follow_up,
        "name": unit_name(follow_up.unit.order.need, follow_up.unit.number),
        "url": following.url_of(follow_up, "uk" if language() == "uk" else "en"),
    }
    return render(request, "aftercare/link.html", context)


@require_POST
@in_workspace(Action.HAND_OVER)
def photos(request: HttpRequest, work: Workspace, pk: int) -> HttpResponse:
    """Say which photos of an answer the world may see; the receiving side alone."""
    sent = request.POST.getlist("photo")
    ticked = {int(one) for one in sent if one.isdecimal() and len(one) < 10}
    follow_up = _follow_up(work, pk)
    return tried(
        request,
        lambda: following.release_photos(follow_up=follow_up, released=ticked, by=work.person),
        _("Saved."),
        refused=(NotTheReceiver,),
        sentence_for=lambda _problem: str(NOT_THE_RECEIVER),
        to=redirect("aftercare:follow_ups", work.partnership.slug),
    )


# --- the desk: questions


def _question(work: Workspace, pk: int) -> Question:
    found = Question.objects.select_related(
        "follow_up__unit__order__need", "follow_up__unit__handover__act", "decided_by"
    ).filter(pk=pk, follow_up__unit__order__partnership=work.partnership)
    question = found.first()
    if question is None:
        raise Http404
    return question


@in_workspace(Action.REVIEW_INCIDENT)
def question(request: HttpRequest, work: Workspace, pk: int) -> HttpResponse:
    """Look at an alarm and decide what the world reads of it."""
    found = _question(work, pk)
    unit = found.follow_up.unit
    form = forms.DecisionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            questions.decide(
                question=found,
                state=Question.State(given["state"]),
                reason=given["reason"],
                by=work.person,
                at=clock.now(),
            )
        except errors.Decided:
            messages.error(request, words.DECIDED)
        else:
            messages.success(request, _("Decided. Both sides see it."))
        return redirect("aftercare:question", work.partnership.slug, pk)
    context = {
        "work": work,
        "question": found,
        "name": unit_name(unit.order.need, unit.number),
        "act": unit.handover.act,
        "form": form,
        "is_open": found.state != Question.State.CLEARED,
    }
    status = 422 if form.is_bound else 200
    return render(request, "aftercare/question.html", context, status=status)


# --- the register of incidents


@public(is_stale_fine=False)
@require_safe
def public_incidents(request: HttpRequest, slug: str) -> HttpResponse:
    """What went wrong, in words that two people agreed to."""
    found = Partnership.objects.select_related("giving_place", "receiving_place")
    partnership = found.filter(slug=slug).first()
    if partnership is None:
        raise Http404
    rows = queries.public_incidents(partnership, clock.now())
    context = {"partnership": partnership, "incidents": rows}
    return render(request, "aftercare/public_incidents.html", context)


@require_safe
@in_workspace(Action.SEE_DESK)
def register(request: HttpRequest, work: Workspace) -> HttpResponse:
    """The whole register, what waits for review on top."""
    rows = sorted(
        queries.incidents_of(work.partnership),
        key=lambda i: (i.published_at is not None, -i.number),
    )
    return render(request, "aftercare/register.html", {"work": work, "incidents": rows})


@in_workspace(Action.REVIEW_INCIDENT)
def new(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Enter an incident; what is sent twice is entered once."""
    form = forms.IncidentForm(request.POST or None, partnership=work.partnership)
    if request.method == "POST" and form.is_valid():
        incident = incidents.register(
            partnership=work.partnership,
            text=form.text(),
            by=work.person,
            at=clock.now(),
            form_key=form.cleaned_data["form_key"],
        )
        messages.success(request, _("Entered. It is public once two others agree to its words."))
        return redirect("aftercare:incident", work.partnership.slug, incident.number)
    return _form_page(request, {"work": work, "form": form})


def _form_page(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    status = 422 if context["form"].is_bound else 200
    return render(request, "aftercare/incident_form.html", context, status=status)


def _incident(work: Workspace, number: int) -> Incident:
    found = queries.incidents_of(work.partnership).filter(number=number).first()
    if found is None:
        raise Http404
    return found


@in_workspace(Action.REVIEW_INCIDENT)
def edit(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Write an incident anew before it is public; reviews so far are void."""
    found = _incident(work, number)
    if found.published_at:
        messages.error(request, words.DECIDED)
        return redirect("aftercare:incident", work.partnership.slug, number)
    form = forms.IncidentForm(request.POST or None, partnership=work.partnership, incident=found)
    if request.method == "POST" and form.is_valid():
        try:
            incidents.edit(incident=found, text=form.text(), by=work.person)
        except errors.Decided:
            messages.error(request, words.DECIDED)
        else:
            messages.success(request, _("Saved. Two others agree to the new words."))
        return redirect("aftercare:incident", work.partnership.slug, number)
    return _form_page(request, {"work": work, "form": form, "incident": found})


@require_safe
@in_workspace(Action.SEE_DESK)
def incident(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """One incident, and what this person may do about it."""
    found = _incident(work, number)
    return render(request, "aftercare/incident.html", _about(work, found, forms.NoteForm()))


def _about(work: Workspace, found: Incident, note_form: forms.NoteForm) -> dict[str, Any]:
    present = [r for r in found.reviews.all() if r.revision == found.revision]
    may = work.may(Action.REVIEW_INCIDENT)
    is_mine = work.person.pk in {found.written_by_id, *(r.reviewed_by_id for r in present)}
    return {
        "work": work,
        "incident": found,
        "reviews": present,
        "names": [unit_name(unit.order.need, unit.number) for unit in found.units.all()],
        "notes": found.notes.order_by("written_at", "pk"),
        "may_review": may and not found.published_at and not is_mine,
        "may_edit": may and not found.published_at,
        "may_note": may and bool(found.published_at),
        "review_form": forms.ReviewForm(initial={"revision": found.revision}),
        "form": note_form,
    }


@require_POST
@in_workspace(Action.REVIEW_INCIDENT)
def review(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Agree to exactly the words that were on the page."""
    found, form = _incident(work, number), forms.ReviewForm(request.POST)
    if not form.is_valid():
        messages.error(request, words.MAY_NOT_REVIEW["changed"])
        return redirect("aftercare:incident", work.partnership.slug, number)
    try:
        done = incidents.review(
            incident=found,
            revision=form.cleaned_data["revision"],
            by=work.person,
            organisation=work.organisation_for(Action.REVIEW_INCIDENT),
            at=clock.now(),
        )
    except errors.MayNotReview as problem:
        messages.error(request, words.MAY_NOT_REVIEW[problem.code])
    except errors.Decided:
        messages.error(request, words.DECIDED)
    else:
        is_public = done.published_at is not None
        messages.success(
            request,
            _("Two agreed: it is public.") if is_public else _("You agreed. One more decides."),
        )
    return redirect("aftercare:incident", work.partnership.slug, number)


@require_POST
@in_workspace(Action.REVIEW_INCIDENT)
def note(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Add what became known since an incident was public."""
    found, form = _incident(work, number), forms.NoteForm(request.POST)
    if found.published_at is None:
        messages.error(request, words.DECIDED)
        return redirect("aftercare:incident", work.partnership.slug, number)
    if not form.is_valid():
        context = _about(work, found, form)
        return render(request, "aftercare/incident.html", context, status=422)
    incidents.add_note(
        incident=found, text=form.cleaned_data["text"], by=work.person, at=clock.now()
    )
    messages.success(request, _("Added."))
    return redirect("aftercare:incident", work.partnership.slug, number)
