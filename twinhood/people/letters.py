"""Letters to the people at work in a partnership, each in their own language."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils import translation

from twinhood.kit import clock
from twinhood.people.core.permissions import RoleName
from twinhood.people.models import Partnership, Person, Role


def people_at_work(
    partnership: Partnership, roles: Collection[RoleName] = tuple(RoleName)
) -> list[Person]:
    """Who holds one of the roles today, each once; nobody of the example: no letter gets there."""
    held = Role.objects.held(clock.now().date()).filter(
        partnership=partnership, name__in=[role.value for role in roles]
    )
    people = Person.objects.filter(roles__in=held, is_active=True, is_example=False)
    return list(people.distinct().order_by("pk"))


def write_to(people: Iterable[Person], template: str, facts: Mapping[str, Any]) -> int:
    """Write to each; return to how many.

    The words are `<template>_subject.txt` and `<template>.txt`; lazy texts among the facts come
    out in the reader's language. Raises what the mail server raises: the worker tries again.
    """
    count = 0
    for person in people:
        with translation.override(person.language):
            context = {**facts, "site": settings.SITE_URL, "person": person}
            subject = render_to_string(f"{template}_subject.txt", context).strip()
            body = render_to_string(f"{template}.txt", context)
        EmailMessage(subject, body, settings.DEFAULT_FROM_EMAIL, [person.email]).send()
        count += 1
    return count


def write_to_all(
    partnership: Partnership,
    template: str,
    facts: Mapping[str, Any],
    roles: Collection[RoleName] = tuple(RoleName),
) -> int:
    """Write to everybody with one of the roles; as `write_to`."""
    return write_to(people_at_work(partnership, roles), template, facts)
