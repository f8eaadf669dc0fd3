"""Papers that nobody signs: the log is their seal, as it can be of thousands in a minute.

A receipt, or the record of an approval, is set anew whenever somebody asks for it; the same facts
give the same bytes, so none are kept. Before a copy goes out, its SHA-256 is a leaf of the log.
The leaf tells nothing else: not the paper's code, nor what it is about. Whoever guesses what a
paper says could set it too, so a layout puts something secret on it that goes with its facts.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256

from django.conf import settings
from django.db import connection, transaction

from twinhood.documents import logged
from twinhood.documents.core import code as codes
from twinhood.documents.models import Document, Revision
from twinhood.kit import clock
from twinhood.people.models import Partnership


@dataclass(frozen=True, slots=True)
class Mark:
    """What a paper bears so that it can be checked: its code, and the address of its check."""

    code: str
    check_url: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Of what a copy is wanted. `about` is a plain reference ("receipt:12"), `title` by language.

    `lock_log` locks the partnership's books and returns their name in the log.
    """

    about: str
    kind: str
    title: Mapping[str, str]
    language: str
    partnership: Partnership
    lock_log: Callable[[], str]
    is_specimen: bool = False


def copy_of(subject: Subject, set_pages: Callable[[Mark], bytes]) -> bytes:
    """A copy of the paper, after the log has its SHA-256.

    What is set differently than before (by another version of the layout) gets another code; the
    older copies stay good under theirs.
    """
    found = _newest(subject)
    if found is not None and (data := _again(found, set_pages)) is not None:
        return data
    with transaction.atomic():
        name = subject.lock_log()
        _wait_for(subject)
        found = _newest(subject)
        if found is not None and (data := _again(found, set_pages)) is not None:
            return data
        code = codes.new(secrets.choice)
        data = set_pages(_mark(code))
        logged.append_sealed(_store(subject, code, data), partnership=name)
    return data


def _newest(subject: Subject) -> Document | None:
    found = Document.objects.filter(about=subject.about, is_sealed=True)
    return found.order_by("id").last()


def _again(document: Document, set_pages: Callable[[Mark], bytes]) -> bytes | None:
    """The same bytes once more; None if they no longer come out the same."""
    data = set_pages(_mark(document.code))
    return data if sha256(data).hexdigest() == document.sha256 else None


def _mark(code: str) -> Mark:
    return Mark(code, f"{settings.SITE_URL}/v/{code}")


def _wait_for(subject: Subject) -> None:
    """One at a time, so that two who ask at once get the same copy."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [subject.about])


def _store(subject: Subject, code: str, data: bytes) -> Revision:
    at, name = clock.now(), sha256(data).hexdigest()
    document = Document.objects.create(
        partnership=subject.partnership,
        about=subject.about,
        code=code,
        kind=subject.kind,
        title=dict(subject.title),
        languages=[subject.language],
        is_specimen=subject.is_specimen,
        is_private=True,
        is_sealed=True,
        frozen_at=at,
        sha256=name,
        facts={},
    )
    return Revision.objects.create(
        document=document,
        number=0,
        added=Revision.Added.FROZEN,
        sha256=name,
        length_bytes=len(data),
        made_at=at,
    )
