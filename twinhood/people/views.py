"""Pages of people: whom to be in the example, and why a second factor."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from itertools import groupby
from typing import Any

from allauth.mfa.webauthn.internal.auth import STATE_SESSION_KEY
from django.conf import settings
from django.contrib import auth
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.views.decorators.http import require_POST, require_safe

from twinhood.people import actions, queries
from twinhood.people.core.paths import is_own_path
from twinhood.people.core.permissions import RoleName
from twinhood.people.models import Organisation, Person
from twinhood.people.words import ROLE_WORDS, RoleWords


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody of the example to choose."""

    person: Person
    organisation: Organisation
    roles: tuple[RoleWords, ...]


@require_safe
def personas(request: HttpRequest) -> HttpResponse:
    """Offer the people of the example; 404 where there is none, and in production always."""
    if not queries.are_personas_offered():
        raise Http404
    return render(request, "people/personas.html", {"groups": _groups()})


def _groups() -> list[tuple[Organisation, list[Persona]]]:
    """The people of the example by the organisation that they act for."""
    roles = queries.roles_of_the_example()
    people = [
        Persona(held[0].person, held[0].organisation, _words(held))
        for held in (
            list(group)
            for _, group in groupby(roles, key=lambda role: (role.organisation_id, role.person_id))
        )
    ]
    by_organisation = groupby(people, key=lambda persona: persona.organisation)
    return [(organisation, list(group)) for organisation, group in by_organisation]


def _words(held: list[Any]) -> tuple[RoleWords, ...]:
    return tuple(ROLE_WORDS[RoleName(name)] for name in dict.fromkeys(role.name for role in held))


@require_POST
def become(request: HttpRequest) -> HttpResponse:
    """Sign the visitor in as the chosen person of the example."""
    if not queries.are_personas_offered():
        raise Http404
    chosen = request.POST.get("person", "")
    found = (role.person for role in queries.roles_of_the_example())
    person = next((person for person in found if str(person.pk) == chosen), None)
    if person is None:
        raise Http404
    actions.become(request, person=person)
    after = request.POST.get("next")
    return redirect(after if after and is_own_path(after) else settings.LOGIN_REDIRECT_URL)


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Stop being anybody."""
    auth.logout(request)
    return redirect("people:personas" if queries.are_personas_offered() else "/")


@require_safe
def second_factor(request: HttpRequest) -> HttpResponse:
    """Say why this step wants a passkey or a second factor, and lead there and back."""
    if not isinstance(request.user, Person):
        return redirect_to_login(request.get_full_path())
    asked = request.GET.get("next")
    after = asked if asked and is_own_path(asked) else resolve_url(settings.LOGIN_REDIRECT_URL)
    context = {
        "after": after,
        "has_now": queries.has_second_factor(request),
        "kinds": queries.second_factors_of(request.user),
    }
    return render(request, "people/second_factor.html", context)


CHALLENGE_AGE_MAX_S = 5 * 60
_ASKED_AT = "passkey_asked_at"


def fresh_challenge(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Let a passkey's challenge live for five minutes and one try, also a failed one.

    allauth keeps the challenge in the session until it is met; it may not wait there for an
    answer that was made long before.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if time.time() - request.session.get(_ASKED_AT, 0) > CHALLENGE_AGE_MAX_S:
            request.session.pop(STATE_SESSION_KEY, None)
        before = request.session.get(STATE_SESSION_KEY)
        response = view(request, *args, **kwargs)
        if request.session.get(STATE_SESSION_KEY) != before:
            request.session[_ASKED_AT] = time.time()
        elif request.method == "POST":
            request.session.pop(STATE_SESSION_KEY, None)
        return response

    return wrapped


def not_for_personas(
    view: Callable[..., HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Keep a persona out of account settings: the next visitor must find the person unchanged."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if queries.persona_of(request):
            return render(request, "people/not_for_personas.html", status=403)
        return view(request, *args, **kwargs)

    return wrapped
