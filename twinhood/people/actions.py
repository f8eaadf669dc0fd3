"""What people do to their own sessions, and to the address of a partnership."""

from datetime import datetime

from django.conf import settings
from django.contrib import auth
from django.db import transaction
from django.http import HttpRequest

from twinhood.people.models import FormerSlug, Partnership, Person
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


@transaction.atomic
def readdress(*, partnership: Partnership, slug: str, at: datetime) -> Partnership:
    """Give a partnership another address; the old one leads on to it for ever.

    A slug that others have, or had, gets a number. Safe to repeat.
    """
    locked = Partnership.objects.select_for_update().get(pk=partnership.pk)
    if slug == locked.slug:
        return locked
    FormerSlug.objects.filter(slug=slug, partnership=locked).delete()
    wanted = free_slug(slug)
    FormerSlug.objects.create(slug=locked.slug, partnership=locked, until_at=at)
    locked.slug = wanted
    locked.save(update_fields=["slug"])
    return locked


def free_slug(slug: str) -> str:
    """The slug, with a number behind it if others have it or had it."""
    wanted, number = slug, 1
    while _is_taken(wanted):
        number += 1
        wanted = f"{slug}-{number}"
    return wanted


def _is_taken(slug: str) -> bool:
    return (
        Partnership.objects.filter(slug=slug).exists()
        or FormerSlug.objects.filter(slug=slug).exists()
    )
