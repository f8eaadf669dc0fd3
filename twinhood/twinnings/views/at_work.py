"""What the desk's views of agreements share."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from twinhood.kit.http import tried
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace
from twinhood.twinnings import errors, queries
from twinhood.twinnings.core.drafting import Side
from twinhood.twinnings.models import Draft
from twinhood.twinnings.words import sentence_for


def form_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, context, status=422 if context["form"].is_bound else 200)


def own_side(work: Workspace) -> Side:
    """The city that this person writes for; else 403."""
    side = queries.side_of(work, Action.DRAFT_AGREEMENT)
    if side is None:
        raise PermissionDenied
    return side


def draft_at_work(work: Workspace, number: int) -> Draft:
    found = Draft.objects.select_related("partnership__giving_place", "opened_by")
    return get_object_or_404(found, partnership=work.partnership, number=number)


def tried_on(
    request: HttpRequest,
    work: Workspace,
    number: int,
    act: Callable[[], object],
    done: str,
    *,
    then: str = "draft",
) -> HttpResponse:
    """Do it and say so, or say what forbids it; then show the draft (or its signing) as it is."""
    to = redirect(f"twinnings:{then}", work.partnership.slug, number)
    return tried(
        request, act, done, refused=errors.AgreementError, sentence_for=sentence_for, to=to
    )
