"""The desk's pages of agreements on their way: written, argued over, agreed to."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from twinhood.kit import clock
from twinhood.kit.http import tried
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace
from twinhood.places.actions import name_place
from twinhood.twinnings import drafting, errors, forms, queries, shown_drafts
from twinhood.twinnings.core.drafting import Article, Change, ChangeKind, Content, Side, WhyNot
from twinhood.twinnings.models import Draft, Proposal, Step, Term, Version
from twinhood.twinnings.words import sentence_for


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
            side=_side(work),
            at=clock.now(),
            form_key=given["form_key"],
        )
        return redirect("twinnings:draft", work.partnership.slug, draft.number)
    return _form_page(request, "twinnings/begin.html", {"work": work, "form": form})


def _form_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, context, status=422 if context["form"].is_bound else 200)


def _side(work: Workspace) -> Side:
    side = queries.side_of(work, Action.DRAFT_AGREEMENT)
    if side is None:
        raise PermissionDenied
    return side


def _draft(work: Workspace, number: int) -> Draft:
    found = Draft.objects.select_related("partnership__giving_place", "opened_by")
    return get_object_or_404(found, partnership=work.partnership, number=number)


@require_safe
@in_workspace(Action.SEE_DESK)
def draft(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """The text as it stands, side by side, and who agreed to it."""
    return _draft_page(request, work, _draft(work, number), {})


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


def _tried(
    request: HttpRequest, work: Workspace, number: int, act: Callable[[], object], done: str
) -> HttpResponse:
    """Do it and say so, or say what forbids it; then show the draft as it is now."""
    to = redirect("twinnings:draft", work.partnership.slug, number)
    return tried(
        request, act, done, refused=errors.AgreementError, sentence_for=sentence_for, to=to
    )


# --- one article


@in_workspace(Action.SEE_DESK)
def article(request: HttpRequest, work: Workspace, number: int, article: int) -> HttpResponse:
    """An article with what was proposed and said; a proposal is made here.

    If the article was changed meanwhile, the answer is 409 with both texts, and nothing typed is
    lost.
    """
    draft = _draft(work, number)
    version = drafting.last_version(draft)
    content = version.text
    stands = content.article(article)
    if stands is None and not draft.proposals.filter(article=article).exists():
        raise Http404
    if request.method == "POST":
        return _proposed(request, work, draft, content, stands)
    return _article_page(request, work, draft, content, article, {})


def _article_page(
    request: HttpRequest,
    work: Workspace,
    draft: Draft,
    content: Content,
    key: int,
    bound: dict[str, Any],
    status: int = 422,
) -> HttpResponse:
    stands = content.article(key)
    side = queries.side_of(work, Action.DRAFT_AGREEMENT)
    seen = {"seen": stands.digest} if stands else {}
    context = {
        "work": work,
        "draft": draft,
        "article": stands,
        "key": key,
        "number": _number(content, key),
        "columns": shown_drafts.columns(content, stands) if stands else [],
        "proposals": shown_drafts.proposals(draft, key, content, side, work.person.pk),
        "comments": draft.comments.filter(article=key).select_related("by").order_by("pk"),
        "may_write": side is not None and draft.state == Draft.State.OPEN,
        "is_opening": content.is_opening(key),
        "form": forms.ArticleForm(content=content, article=stands) if stands else None,
        "removal_form": forms.RemovalForm(initial=seen, prefix="removal"),
        "comment_form": forms.CommentForm(prefix="comment"),
        "decision_form": forms.ReasonForm(prefix="decision"),
    }
    return render(
        request, "twinnings/article.html", context | bound, status=status if bound else 200
    )


def _number(content: Content, key: int) -> int:
    """An article's place within its paper."""
    for paper in content.papers:
        for number, article in enumerate(paper.articles):
            if article.key == key:
                return number
    return 0


def _proposed(
    request: HttpRequest, work: Workspace, draft: Draft, content: Content, stands: Article | None
) -> HttpResponse:
    side = _side(work)
    if stands is None:
        raise PermissionDenied
    form = forms.ArticleForm(request.POST, content=content, article=stands)
    # What was typed is shown again, even where the draft was frozen meanwhile.
    again = {"form": form, "may_write": True}
    if not form.is_valid():
        return _article_page(request, work, draft, content, stands.key, again)
    change = form.change()
    try:
        drafting.propose(
            draft=draft, change=change, reason=form.cleaned_data["reason"], by=work.person,
            side=side, at=clock.now(), form_key=form.cleaned_data["form_key"],
        )  # fmt: skip
    except errors.CannotChange as problem:
        return _refused(request, work, draft, form, change, problem)
    except errors.AgreementError as problem:
        form.add_error(None, sentence_for(problem))
        return _article_page(request, work, draft, content, stands.key, again)
    messages.success(request, _("Proposed. The other city reads it and decides."))
    return redirect("twinnings:article", work.partnership.slug, draft.number, stands.key)


def _refused(
    request: HttpRequest, work: Workspace, draft: Draft, form: forms.ArticleForm, change: Change,
    problem: errors.CannotChange,
) -> HttpResponse:  # fmt: skip
    """The page again, with what was typed; after a change by others, both texts side by side."""
    content = drafting.last_version(draft).text
    stands = content.article(change.key)
    if stands is None:
        messages.error(request, sentence_for(problem))
        return redirect("twinnings:draft", work.partnership.slug, draft.number)
    form.add_error(None, sentence_for(problem))
    if problem.why is not WhyNot.STALE:
        return _article_page(request, work, draft, content, change.key, {"form": form})
    # Sent once more, it is compared with what stands now.
    form.data = MultiValueDict({**dict(request.POST.lists()), "seen": [stands.digest]})
    mine = Article(change.key, change.heading, change.text)
    stale = shown_drafts.reworded(content.languages, stands, mine)
    bound = {"form": form, "stale": stale}
    return _article_page(request, work, draft, content, change.key, bound, status=409)


@require_POST
@in_workspace(Action.DRAFT_AGREEMENT)
def removal(request: HttpRequest, work: Workspace, number: int, article: int) -> HttpResponse:
    """Propose to leave an article out."""
    draft, side = _draft(work, number), _side(work)
    content = drafting.last_version(draft).text
    if content.article(article) is None:
        raise Http404
    form = forms.RemovalForm(request.POST, prefix="removal")
    if not form.is_valid():
        return _article_page(request, work, draft, content, article, {"removal_form": form})
    change = Change(ChangeKind.REMOVE, article, form.cleaned_data["seen"], {}, {})
    return _tried(
        request,
        work,
        number,
        lambda: drafting.propose(
            draft=draft, change=change, reason=form.cleaned_data["reason"], by=work.person,
            side=side, at=clock.now(),
        ),
        _("Proposed. The other city reads it and decides."),
    )  # fmt: skip


@require_POST
@in_workspace(Action.DRAFT_AGREEMENT)
def comment(request: HttpRequest, work: Workspace, number: int, article: int) -> HttpResponse:
    draft, side = _draft(work, number), _side(work)
    content = drafting.last_version(draft).text
    if content.article(article) is None:
        raise Http404
    form = forms.CommentForm(request.POST, prefix="comment")
    if not form.is_valid():
        return _article_page(request, work, draft, content, article, {"comment_form": form})
    drafting.comment(
        draft=draft, article=article, text=form.cleaned_data["text"], by=work.person, side=side,
        at=clock.now(),
    )  # fmt: skip
    return redirect("twinnings:article", work.partnership.slug, number, article)


@in_workspace(Action.DRAFT_AGREEMENT)
def add(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Propose a new article."""
    draft = _draft(work, number)
    content = drafting.last_version(draft).text
    form = forms.ArticleForm(request.POST or None, content=content)
    if request.method == "POST" and form.is_valid():
        side, change = _side(work), form.change()
        try:
            made = drafting.propose(
                draft=draft, change=change, reason=form.cleaned_data["reason"], by=work.person,
                side=side, at=clock.now(), form_key=form.cleaned_data["form_key"],
            )  # fmt: skip
        except errors.AgreementError as problem:
            form.add_error(None, sentence_for(problem))
        else:
            messages.success(request, _("Proposed. The other city reads it and decides."))
            return redirect("twinnings:article", work.partnership.slug, number, made.article)
    return _form_page(request, "twinnings/add.html", {"work": work, "draft": draft, "form": form})


@require_POST
@in_workspace(Action.DRAFT_AGREEMENT)
def decision(request: HttpRequest, work: Workspace, number: int, proposal: int) -> HttpResponse:
    """Take a proposal (`accept`), or decline it, or withdraw one's own, with a reason."""
    draft, side = _draft(work, number), _side(work)
    found = get_object_or_404(draft.proposals, pk=proposal)
    if "accept" in request.POST:
        return _tried(
            request,
            work,
            number,
            lambda: drafting.accept(proposal=found, by=work.person, side=side, at=clock.now()),
            _("Accepted: it stands in the text now, as a new version."),
        )
    form = forms.ReasonForm(request.POST, prefix="decision")
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    is_own = found.side == side
    if not reason and not is_own:
        content = drafting.last_version(draft).text
        bound = {"decision_form": form, "undecided": found.pk}
        return _article_page(request, work, draft, content, found.article, bound)
    return _tried(
        request,
        work,
        number,
        lambda: drafting.decline(
            proposal=found, by=work.person, side=side, at=clock.now(), reason=reason
        ),
        _("Withdrawn.") if is_own else _("Declined. The other city reads your reason."),
    )


# --- versions, and agreeing to one


@require_safe
@in_workspace(Action.SEE_DESK)
def versions(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Every version, and the difference of two: `?from=1&to=3`; without, the last change."""
    draft = _draft(work, number)
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
    draft, side = _draft(work, number), _side(work)
    if "back" in request.POST:
        return _tried(
            request,
            work,
            number,
            lambda: drafting.take_mark_back(draft=draft, side=side),
            _("Your city’s mark is taken back."),
        )
    return _tried(
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
    draft, _own = _draft(work, number), _side(work)
    return _tried(
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
    draft, side = _draft(work, number), _side(work)
    form = forms.StepForm(
        request.POST, request.FILES, today=clock.now().date(), work=work, prefix="step"
    )
    if not form.is_valid():
        return _draft_page(request, work, draft, {"step_form": form})
    given = form.cleaned_data
    return _tried(
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
    draft, side = _draft(work, number), _side(work)
    found = get_object_or_404(draft.steps, pk=step, side=side)
    return _tried(
        request,
        work,
        number,
        lambda: drafting.strike_step(
            step=found, reason=request.POST.get("reason", "")[:300], at=clock.now()
        ),
        _("Struck out, with your reason."),
    )


# --- offices and powers


@in_workspace(Action.SEE_DESK)
def offices(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Who may sign for each city, on which legal basis, from when until when."""
    side = queries.side_of(work, Action.DRAFT_AGREEMENT)
    form = None
    if side is not None:
        form = forms.TermForm(
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
    request: HttpRequest, work: Workspace, form: forms.TermForm | None, bound: dict[str, Any]
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
    context = {"work": work, "sides": sides, "form": form, "end_form": forms.EndForm(prefix="end")}
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
    side = _side(work)
    if found.office.place != queries.place_of(work.partnership, side):
        raise PermissionDenied
    form = forms.EndForm(request.POST, prefix="end")
    if not form.is_valid():
        own = forms.TermForm(partnership=work.partnership, side=side, prefix="term")
        return _offices_page(request, work, own, {"end_form": form, "ending": found.pk})
    try:
        drafting.end_term(term=found, **form.cleaned_data)
    except errors.AgreementError:
        messages.error(request, _("That day does not lie within the term."))
    else:
        messages.success(request, _("Recorded."))
    return redirect("twinnings:offices", work.partnership.slug)
