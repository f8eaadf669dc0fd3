"""What people do to their own sessions."""

from django.conf import settings
from django.contrib import auth
from django.http import HttpRequest

from twinhood.people.models import Person
from twinhood.people.queries import PERSONA_SESSION_KEY, are_personas_allowed


def become(request: HttpRequest, *, person: Person) -> None:
    """Sign the visitor in as somebody of the example, in a new session.

    Whoever was signed in before is signed out. Raises ValueError for a person who is not of the
    example, or where personas are not allowed: the caller looks them up among the example's.
    """
    if not (person.is_example and person.is_active and are_personas_allowed()):
        raise ValueError("not somebody of the example")
    auth.logout(request)
    auth.login(request, person, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session[PERSONA_SESSION_KEY] = person.pk
