"""What shows a need: who may see each piece, and what is said of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction

from twinhood.documents.models import StoredFile
from twinhood.documents.sight import Sight
from twinhood.kit import clock
from twinhood.kit.fields import LocalText
from twinhood.needs import errors
from twinhood.needs.models import Evidence, Need, Quote
from twinhood.needs.queries import is_public
from twinhood.people.models import Person


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of one piece of evidence; `is_dropped` takes it off a need not yet verified."""

    kind: Evidence.Kind
    caption: LocalText | None
    is_public: bool
    is_dropped: bool = False


def sight_of(file: StoredFile) -> Sight | None:
    """How far a file may be seen as evidence or as a quote; None if it is neither.

    Public only while its need is, and until it is pulled back. A draft is its writer's alone.
    """
    shown = Evidence.objects.filter(file=file).select_related("need__partnership")
    said = [_sight(one) for one in shown]
    if Quote.objects.filter(file=file).exists():
        said.append(Sight.WORKSPACE)
    if Sight.PULLED_BACK in said:
        return Sight.PULLED_BACK
    return max(said, default=None)


def _sight(one: Evidence) -> Sight:
    if one.pulled_back_at is not None:
        return Sight.PULLED_BACK
    if one.is_public and is_public(one.need, at=clock.now()):
        return Sight.PUBLIC
    return Sight.UPLOADER if one.need.state == Need.State.DRAFT else Sight.WORKSPACE


@transaction.atomic
def say(*, need: Need, said: Mapping[int, Said], by: Person) -> Need:
    """Write what is said of pieces of evidence, by their primary key; of others nothing changes.

    What was public and is so no more counts as pulled back. While a need waits to be checked, only
    its writer drops or keeps pieces, and the checks begin anew. Raises NotTheWriter, WrongState.
    """
    need = Need.objects.select_for_update().get(pk=need.pk)
    if need.state in (Need.State.DRAFT, Need.State.SUBMITTED) and need.written_by_id != by.pk:
        raise errors.NotTheWriter
    if need.state == Need.State.REJECTED:
        raise errors.WrongState(str(need), need.state)
    pieces = list(need.evidence.filter(pk__in=said))
    dropped = [one for one in pieces if said[one.pk].is_dropped]
    if dropped:
        _drop(need, dropped)
    for one in pieces:
        if one not in dropped:
            _write(one, said[one.pk])
    return need


def _drop(need: Need, dropped: list[Evidence]) -> None:
    if need.state not in (Need.State.DRAFT, Need.State.SUBMITTED):
        raise errors.WrongState(str(need), need.state)
    for one in dropped:
        one.delete()
    if need.state == Need.State.SUBMITTED:
        need.revision += 1
        need.save(update_fields=["revision"])


def _write(one: Evidence, said: Said) -> None:
    if one.is_public and not said.is_public:
        one.pulled_back_at = clock.now()
    elif said.is_public:
        one.pulled_back_at = None
    one.kind = said.kind
    one.caption = said.caption
    one.is_public = said.is_public
    one.save(update_fields=["kind", "caption", "is_public", "pulled_back_at"])
