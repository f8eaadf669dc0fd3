"""Acts with an error: withdrawn before all have signed, corrected by another act after that.

Nothing is deleted: an act that was withdrawn or corrected stays as what it was, and what stood on
it stands on none, or on the act that took its place. `at` is aware UTC.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Q

from twinhood.deliveries import errors, queries
from twinhood.deliveries.actions import note_clash
from twinhood.deliveries.core import publicity
from twinhood.deliveries.models import HandoverAct, HandoverLine, LinePhoto, Unit
from twinhood.kit import clock
from twinhood.kit.core import serials
from twinhood.people.models import Person
from twinhood.translog import actions as translog


@transaction.atomic
def withdraw(*, act: HandoverAct, reason: str, by: Person, at: datetime) -> HandoverAct:
    """Take an act back that not all have signed: its things wait for another. Once is enough.

    Raises WrongState once all have signed: such an act is corrected.
    """
    act = HandoverAct.objects.select_for_update(of=("self",)).get(pk=act.pk)
    if act.withdrawn_at is not None:
        return act
    if act.document_id is not None or act.is_from_before:
        raise errors.WrongState(str(act), "signed")
    act.withdrawn_at, act.withdrawn_by, act.withdrawal_reason = at, by, reason
    act.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawal_reason"])
    let_go(act)
    return act


def let_go(act: HandoverAct) -> None:
    """Nothing stands on an act any more that was withdrawn or corrected."""
    standing = act.lines.filter(Q(standing_unit__isnull=False) | Q(standing_given__isnull=False))
    standing.update(standing_unit=None, standing_given=None)


def expect_correctable(act: HandoverAct) -> None:
    """Raise WrongState unless all have signed the act and no other corrects it."""
    if act.document_id is None and not act.is_from_before:
        raise errors.WrongState(str(act), "not signed")
    if act.replaced_at is not None or correction_of(act) is not None:
        raise errors.WrongState(str(act), "corrected")


def correction_of(act: HandoverAct) -> HandoverAct | None:
    """The act that corrects this one, whether it counts already or not; none that was withdrawn."""
    return act.corrections.filter(withdrawn_at=None).first()


def expect_same_things(replaced: HandoverAct, lines: Sequence[HandoverLine]) -> None:
    """A correction names the things of the act that it corrects. Raises WrongState otherwise."""
    then = {(line.unit_id, line.given_id) for line in replaced.lines.all()}
    if then != {(line.unit_id, line.given_id) for line in lines}:
        raise errors.WrongState(str(replaced), "about other things")


def expect_own_number(unit: Unit, serial: str, by: Person) -> None:
    """Raise SerialKnown if another thing that was bought has the number; the attempt is kept."""
    known = Unit.objects.filter(serial_key=serials.folded(serial)).exclude(pk=unit.pk)
    if known.exists():
        note_clash(unit=unit, serial=serial, by=by)
        raise errors.SerialKnown(serial)


def public_from(replaced: HandoverAct, handed_over_date: date) -> date:
    """From when a correction is public: as the act was, where its own day allows that."""
    if publicity.is_allowed_public_date(replaced.public_from_date, handed_over_date):
        return replaced.public_from_date
    return publicity.usual_public_date(
        handed_over_date,
        is_conflict_zone=replaced.partnership.is_conflict_zone,
        delay_days=replaced.partnership.delivery_delay_days,
    )


def keep_photos(line: HandoverLine) -> None:
    """Show at a line of a correction what was photographed when the thing was handed over."""
    act = line.act.replaces
    if act is None:
        return
    before = LinePhoto.objects.filter(line__act=act, line__unit=line.unit, line__given=line.given)
    LinePhoto.objects.bulk_create(
        LinePhoto(line=line, file=photo.file, is_released=photo.is_released) for photo in before
    )


def take_over(act: HandoverAct, at: datetime) -> None:
    """Let a correction that counts take the place of what it corrects. Raises SerialKnown.

    Of an act that was public the log says that it was taken back.
    """
    for replaced in _before(act):
        if replaced.replaced_at is None:
            _keep_publicity(act, replaced)
            _take_back(replaced)
            replaced.replaced_at = at
            replaced.save(update_fields=["replaced_at"])
            let_go(replaced)
    for line in act.lines.select_related("unit"):
        line.standing_unit_id, line.standing_given_id = line.unit_id, line.given_id
        line.save(update_fields=["standing_unit", "standing_given"])
        if line.unit is not None and line.unit.serial != line.serial:
            _correct_number(line.unit, line.serial)


def _keep_publicity(act: HandoverAct, replaced: HandoverAct) -> None:
    """Meanwhile the receiving side may have chosen a later day, or pulled the act back."""
    act.public_from_date = max(act.public_from_date, public_from(replaced, act.handed_over_date))
    act.is_pulled_back = act.is_pulled_back or replaced.is_pulled_back
    act.save(update_fields=["public_from_date", "is_pulled_back"])


def _before(act: HandoverAct) -> Iterator[HandoverAct]:
    while act.replaces_id is not None:
        act = HandoverAct.objects.select_for_update(of=("self",)).get(pk=act.replaces_id)
        yield act


def _take_back(act: HandoverAct) -> None:
    if queries.is_public_act(act, clock.now().date()) and act.commitment is not None:
        translog.pull_back(commitment=bytes(act.commitment))


def _correct_number(unit: Unit, serial: str) -> None:
    unit.serial = serial
    try:
        with transaction.atomic():
            unit.save(update_fields=["serial"])
    except IntegrityError as problem:
        raise errors.SerialKnown(serial) from problem
