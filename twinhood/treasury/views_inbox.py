"""The page of the treasurer's inbox."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from twinhood.kit import clock
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace
from twinhood.treasury.inbox import inbox as found_in_inbox


@require_safe
@in_workspace(Action.READ_BOOKS)
def inbox(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Everything about money that needs a person, the oldest first."""
    found = found_in_inbox(work.partnership)
    now = clock.now()
    rows = [(item, max(0, (now - item.since).days)) for item in found.items]
    context = {"work": work, "rows": rows, "more": found.more}
    return render(request, "treasury/inbox.html", context)
