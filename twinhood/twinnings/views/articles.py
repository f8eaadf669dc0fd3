"""The desk's pages of one article: read, argue over, propose other words, decide."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from twinhood.kit import clock
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace
from twinhood.twinnings import drafting, errors, forms, queries, shown_drafts
from twinhood.twinnings.core.drafting import Article, Change, ChangeKind, Content, WhyNot
from twinhood.twinnings.models import Draft
from twinhood.twinnings.views.at_work import draft_at_work, form_page, own_side, tried_on
from twinhood.twinnings.words import sentence_for


@in_workspace(Action.SEE_DESK)
def article(request: HttpRequest, work: Workspace, number: int, article: int) -> HttpResponse:
    """An article with what was proposed and said; a proposal is made here.

    If the article was changed meanwhile, the answer is 409 with both texts, and nothing typed is
    lost.
    """
    draft = draft_at_work(work, number)
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
    side = own_side(work)
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
    draft, side = draft_at_work(work, number), own_side(work)
    content = drafting.last_version(draft).text
    if content.article(article) is None:
        raise Http404
    form = forms.RemovalForm(request.POST, prefix="removal")
    if not form.is_valid():
        return _article_page(request, work, draft, content, article, {"removal_form": form})
    change = Change(ChangeKind.REMOVE, article, form.cleaned_data["seen"], {}, {})
    return tried_on(
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
    draft, side = draft_at_work(work, number), own_side(work)
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
    draft = draft_at_work(work, number)
    content = drafting.last_version(draft).text
    form = forms.ArticleForm(request.POST or None, content=content)
    if request.method == "POST" and form.is_valid():
        side, change = own_side(work), form.change()
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
    return form_page(request, "twinnings/add.html", {"work": work, "draft": draft, "form": form})


@require_POST
@in_workspace(Action.DRAFT_AGREEMENT)
def decision(request: HttpRequest, work: Workspace, number: int, proposal: int) -> HttpResponse:
    """Take a proposal (`accept`), or decline it, or withdraw one's own, with a reason."""
    draft, side = draft_at_work(work, number), own_side(work)
    found = get_object_or_404(draft.proposals, pk=proposal)
    if "accept" in request.POST:
        return tried_on(
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
    return tried_on(
        request,
        work,
        number,
        lambda: drafting.decline(
            proposal=found, by=work.person, side=side, at=clock.now(), reason=reason
        ),
        _("Withdrawn.") if is_own else _("Declined. The other city reads your reason."),
    )
