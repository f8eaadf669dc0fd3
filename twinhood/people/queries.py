"""Who may do what, asked in one place."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from twinhood.kit import clock
from twinhood.people.core.permissions import NEEDS_SECOND_FACTOR, Action, RoleName, allowed
from twinhood.people.models import Organisation, Partnership, Person, Role

# Set in the session by the page that offers to become somebody of the example.
PERSONA_SESSION_KEY = "persona"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A person at work in a partnership, with the roles held today."""

    person: Person
    partnership: Partnership
    roles: tuple[Role, ...]
    actions: frozenset[Action]

    def may(self, action: Action) -> bool:
        return action in self.actions

    def organisation_for(self, action: Action) -> Organisation:
        """For which organisation the person acts when doing this.

        Raises PermissionDenied if no role of theirs allows it.
        """
        for role in self.roles:
            if action in allowed([RoleName(role.name)]):
                return role.organisation
        raise PermissionDenied


def workspace(person: Person, partnership: Partnership) -> Workspace:
    """Return what `person` may do in `partnership` today (UTC date)."""
    held = Role.objects.held(clock.now().date()).filter(person=person, partnership=partnership)
    roles = tuple(held.select_related("organisation").order_by("id"))
    return Workspace(person, partnership, roles, allowed(RoleName(role.name) for role in roles))


def workspaces(person: Person) -> list[Workspace]:
    """Every partnership where the person has a role today, by name."""
    held = Role.objects.held(clock.now().date()).filter(person=person)
    ids = held.values_list("partnership_id", flat=True).distinct()
    partnerships = Partnership.objects.filter(pk__in=ids).order_by("slug")
    return [workspace(person, p) for p in partnerships.select_related("recipient")]


def partnership_for(person: Person, slug: str) -> Workspace:
    """Return the workspace at `slug`, or raise Http404: a stranger learns not even that it exists."""
    found = Partnership.objects.select_related("giving_place", "receiving_place", "recipient")
    partnership = found.filter(slug=slug).first()
    if partnership is None:
        raise Http404
    work = workspace(person, partnership)
    if not work.roles:
        raise Http404
    return work


def in_workspace[**P](
    action: Action,
) -> Callable[
    [Callable[Concatenate[HttpRequest, Workspace, P], HttpResponse]], Callable[..., HttpResponse]
]:
    """Open a view only to whoever may do `action` in the partnership of its `slug`.

    The view gets the Workspace in place of the slug. Nobody signed in: to the sign-in page.
    A stranger: 404. A member without the role: 403. Actions that move money also ask for a
    second factor, as the roles that hold them must not be reached by a weaker way in.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, Workspace, P], HttpResponse],
    ) -> Callable[..., HttpResponse]:
        @wraps(view)
        def wrapped(
            request: HttpRequest, slug: str, *args: P.args, **kwargs: P.kwargs
        ) -> HttpResponse:
            if not isinstance(request.user, Person):
                return redirect_to_login(request.get_full_path())
            work = partnership_for(request.user, slug)
            if not work.may(action):
                raise PermissionDenied
            if (
                action in NEEDS_SECOND_FACTOR
                and request.method == "POST"
                and not has_second_factor(request)
            ):
                return redirect("mfa_index")
            return view(request, work, *args, **kwargs)

        # The walk over all addresses reads which action guards a view.
        wrapped.guarded_by = action  # type: ignore[attr-defined]
        return wrapped

    return decorate


def has_second_factor(request: HttpRequest) -> bool:
    """Whether this session was opened with a passkey or TOTP, or is a persona of the example."""
    if request.session.get(PERSONA_SESSION_KEY) == request.user.pk:
        return isinstance(request.user, Person) and request.user.is_example
    methods: list[dict[str, Any]] = request.session.get("account_authentication_methods", [])
    return any(m.get("method") == "mfa" for m in methods)
