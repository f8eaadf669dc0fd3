"""Papers that nobody signs: the log is their seal, as it can be of thousands in a minute.

A receipt, or the record of an approval, is set anew whenever somebody asks for it; the same facts
give the same bytes, so none are kept. Before a copy goes out, its SHA-256 is a leaf of the log.
The leaf tells nothing else: not the paper's code, nor what it is about. Whoever guesses what a
paper says could set it too, so a layout puts something secret on it that goes with its facts.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.conf import settings
from django.db import connection, transaction

from twinhood.documents import logged
from twinhood.documents.core import code as codes
from twinhood.documents.models import Document, Revision
from twinhood.kit import clock
from twinhood.people.models import Partnership
from twinhood.translog.errors import NothingTaken
from twinhood.translog.queries import is_known_ahead


@dataclass(frozen=True, slots=True)
class Mark:
    """What a paper bears so that it can be checked: its code, and the address of its check."""

    code: str
    check_url: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Of what a copy is wanted. `about` is a plain reference ("receipt:12"), `title` by language.

    `log_name` is the partnership's name in the log; `set_pages` gives the same bytes each time.
    """

    about: str
    kind: str
    title: Mapping[str, str]
    language: str
    partnership: Partnership
    log_name: str
    set_pages: Callable[[Mark], bytes]
    is_specimen: bool = False


@dataclass(frozen=True, slots=True)
class _Copy:
    """`is_new`: no leaf has its SHA-256 yet."""

    subject: Subject
    code: str
    data: bytes
    is_new: bool


def copy_of(subject: Subject) -> bytes:
    """A copy of the paper, after the log has its SHA-256.

    What is set differently than before (by another version of the layout) gets another code; the
    older copies stay good under theirs.
    """
    return copies_of([subject])[0]


def copies_of(subjects: Sequence[Subject]) -> list[bytes]:
    """Copies of so many different papers, in their order; what is new of them is sealed at once.

    Pages are set before anything is locked, so that nobody waits for them who did not ask. Raises
    NothingTaken.
    """
    before = _newest(subjects)
    copies = [_copy(one, before.get(one.about)) for one in subjects]
    if any(one.is_new for one in copies):
        if is_known_ahead():
            raise NothingTaken
        with transaction.atomic():
            _wait_for(one.subject for one in copies if one.is_new)
            now = _newest(subjects)
            for place, one in enumerate(subjects):
                if now.get(one.about) != before.get(one.about):
                    copies[place] = _copy(one, now[one.about])
            _store([one for one in copies if one.is_new])
    return [one.data for one in copies]


def _newest(subjects: Iterable[Subject]) -> dict[str, Document]:
    """The newest copy that has a leaf, by what it is about."""
    names = [one.about for one in subjects]
    found = Document.objects.filter(about__in=names, is_sealed=True)
    return {one.about: one for one in found.order_by("id")}


def _copy(subject: Subject, kept: Document | None) -> _Copy:
    """The same bytes as what is kept, where they still come out the same; else a new copy."""
    if kept is not None:
        data = subject.set_pages(_mark(kept.code))
        if sha256(data).hexdigest() == kept.sha256:
            return _Copy(subject, kept.code, data, is_new=False)
    code = codes.new(secrets.choice)
    return _Copy(subject, code, subject.set_pages(_mark(code)), is_new=True)


def _mark(code: str) -> Mark:
    return Mark(code, f"{settings.SITE_URL}/v/{code}")


def _wait_for(subjects: Iterable[Subject]) -> None:
    """One at a time for each paper, so that two who ask at once get the same copy.

    In one order, so that two who ask for several do not wait for each other.
    """
    names = sorted(one.about for one in subjects)
    with connection.cursor() as cursor:
        cursor.executemany(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [[name] for name in names]
        )


def _store(copies: Sequence[_Copy]) -> None:
    at = clock.now()
    documents = Document.objects.bulk_create([_document(one, at) for one in copies])
    revisions = Revision.objects.bulk_create(
        Revision(
            document=document,
            number=0,
            added=Revision.Added.FROZEN,
            sha256=document.sha256,
            length_bytes=len(one.data),
            made_at=at,
        )
        for document, one in zip(documents, copies, strict=True)
    )
    names = [one.subject.log_name for one in copies]
    logged.append_sealed(list(zip(revisions, names, strict=True)))


def _document(copy: _Copy, at: datetime) -> Document:
    subject = copy.subject
    return Document(
        partnership=subject.partnership,
        about=subject.about,
        code=copy.code,
        kind=subject.kind,
        title=dict(subject.title),
        languages=[subject.language],
        is_specimen=subject.is_specimen,
        is_private=True,
        is_sealed=True,
        frozen_at=at,
        sha256=sha256(copy.data).hexdigest(),
        facts={},
    )
