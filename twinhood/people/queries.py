"""Who may do what, asked in one place."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, Concatenate
from urllib.parse import urlencode

from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from twinhood.kit import clock
from twinhood.people import safety
from twinhood.people.core.paths import own_path_of
from twinhood.people.core.permissions import (
    EVERYBODY_AT_WORK,
    NEEDS_SECOND_FACTOR,
    Action,
    RoleName,
    allowed,
)
from twinhood.people.models import Organisation, Partnership, Person, Role

# Set in the session by the page that offers to become somebody of the example.
PERSONA_SESSION_KEY = "persona"
# How long a passkey or a code of the authenticator app counts within a session.
SECOND_FACTOR_AGE_MAX_S = 12 * 60 * 60
# A recovery code opens an account whose telephone is lost; it does not move money.
SECOND_FACTORS = frozenset({Authenticator.Type.TOTP.value, Authenticator.Type.WEBAUTHN.value})


@dataclass(frozen=True, slots=True)
class Workspace:
    """A person at work in a partnership, with the roles held today.

    Those for bodies in `unvouched` let one look at the desk and nothing else: their city is
    occupied, and nobody made sure since then who acts for them.
    """

    person: Person
    partnership: Partnership
    roles: tuple[Role, ...]
    actions: frozenset[Action]
    unvouched: frozenset[int] = frozenset()

    def may(self, action: Action) -> bool:
        return action in self.actions

    @property
    def zone(self) -> str:
        """The clocks that the person works by: their body's city, or the receiving one."""
        places = (role.organisation.place for role in self.roles)
        own = next((place for place in places if place is not None), None)
        return (own or self.partnership.receiving_place).time_zone

    def organisation_for(self, action: Action) -> Organisation:
        """For which organisation the person acts when doing this.

        Raises PermissionDenied if no role of theirs allows it.
        """
        for role in self.roles:
            is_vouched = role.organisation_id not in self.unvouched
            if is_vouched and action in allowed([RoleName(role.name)]):
                return role.organisation
        raise PermissionDenied


def workspace(person: Person, partnership: Partnership) -> Workspace:
    """Return what `person` may do in `partnership` today (UTC date)."""
    held = Role.objects.held(clock.now().date()).filter(person=person, partnership=partnership)
    roles = tuple(held.select_related("organisation__place").order_by("id"))
    unvouched = safety.unvouched_of(partnership, [role.organisation for role in roles])
    names = [RoleName(role.name) for role in roles if role.organisation_id not in unvouched]
    looking = EVERYBODY_AT_WORK if roles else frozenset[Action]()
    return Workspace(person, partnership, roles, allowed(names) | looking, unvouched)


def workspaces(person: Person) -> list[Workspace]:
    """Every partnership where the person has a role today, by name."""
    held = Role.objects.held(clock.now().date()).filter(person=person)
    ids = held.values_list("partnership_id", flat=True).distinct()
    partnerships = Partnership.objects.filter(pk__in=ids).order_by("slug")
    return [workspace(person, p) for p in partnerships.select_related("recipient")]


def partnership_for(person: Person, slug: str) -> Workspace:
    """Return the workspace at `slug`, or raise Http404: a stranger learns not that it exists."""
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
                return to_second_factor(request)
            request.workspace = work  # type: ignore[attr-defined]
            return view(request, work, *args, **kwargs)

        # The walk over all addresses reads which action guards a view.
        wrapped.guarded_by = action  # type: ignore[attr-defined]
        return wrapped

    return decorate


# --- a second factor


def has_second_factor(request: HttpRequest) -> bool:
    """Whether a passkey or TOTP, still this person's own, was used lately in this session.

    A persona of the example needs none: its money is invented.
    """
    if persona_of(request):
        return True
    lately = time.time() - SECOND_FACTOR_AGE_MAX_S
    used: list[dict[str, Any]] = [
        record
        for record in get_authentication_records(request, request.user)
        if record.get("method") == "mfa"
        and record.get("type") in SECOND_FACTORS
        and record.get("at", 0) > lately
    ]
    ids = [record.get("id") for record in used]
    return bool(ids) and Authenticator.objects.filter(user_id=request.user.pk, pk__in=ids).exists()


def second_factors_of(person: Person) -> frozenset[str]:
    """Which kinds the person has added: "totp", "webauthn"."""
    kinds = Authenticator.objects.filter(user_id=person.pk, type__in=SECOND_FACTORS)
    return frozenset(kinds.values_list("type", flat=True))


def to_second_factor(request: HttpRequest) -> HttpResponseRedirect:
    """Lead to the page that asks for a second factor and knows the way back to the form."""
    before = own_path_of(request.headers.get("Referer", ""), host=request.get_host())
    query = f"?{urlencode({'next': before})}" if before else ""
    return HttpResponseRedirect(reverse("people:second_factor") + query)


# --- personas of the example


def are_personas_allowed() -> bool:
    """Whether this server may sign anybody in as somebody of the example; never in production."""
    return bool(settings.PERSONAS_ALLOWED) and not settings.PRODUCTION


def are_personas_offered() -> bool:
    """Whether they are allowed and an example partnership is loaded."""
    return are_personas_allowed() and Partnership.objects.filter(is_example=True).exists()


def persona_of(request: HttpRequest) -> Person | None:
    """Return the person of the example that the visitor plays, if any."""
    person = request.user
    if not isinstance(person, Person) or not person.is_example or not are_personas_allowed():
        return None
    return person if request.session.get(PERSONA_SESSION_KEY) == person.pk else None


def roles_of_the_example() -> list[Role]:
    """Every role held today by an active person of the example, in example partnerships only."""
    held = Role.objects.held(clock.now().date()).filter(
        person__is_example=True, person__is_active=True, partnership__is_example=True
    )
    related = held.select_related("person", "organisation", "partnership")
    return list(related.order_by("partnership_id", "organisation_id", "person_id", "id"))
