"""Bringing two confirmed cities together; a partnership opens once both said yes."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from twinhood.joining.errors import MovedOn, NotAPair
from twinhood.joining.models import Claim, Pairing
from twinhood.kit.fields import LocalText
from twinhood.people.actions import free_slug
from twinhood.people.core.permissions import RoleName
from twinhood.people.models import Partnership, Person, Role
from twinhood.places.models import Place
from twinhood.twinnings import actions as twinnings
from twinhood.twinnings.core.records import PartialDate
from twinhood.twinnings.models import Milestone, Twinning

# Where everything is decided with care from the first day (docs/concepts/safety.md).
AT_WAR = frozenset({"UA"})
PROPOSED = {
    "en": "Both cities accepted the proposal to work together.",
    "uk": "Обидва міста прийняли пропозицію працювати разом.",
}


@transaction.atomic
def bring_together(
    *, giving: Claim, receiving: Claim, by: Person, note: str, at: datetime
) -> Pairing:
    """Propose a partnership to two confirmed cities. Raises NotAPair, MovedOn."""
    sides = [Claim.objects.select_for_update().get(pk=one.pk) for one in (giving, receiving)]
    if any(one.state != Claim.State.CONFIRMED for one in sides):
        raise MovedOn
    first, second = (one.place for one in sides)
    if giving.pk == receiving.pk or first is None or second is None or _works(first, second):
        raise NotAPair
    try:
        with transaction.atomic():
            return Pairing.objects.create(
                giving=giving, receiving=receiving, by=by, made_at=at, note=note
            )
    except IntegrityError as problem:
        raise NotAPair from problem


@transaction.atomic
def answer(*, pair: Pairing, claim: Claim, is_yes: bool, reason: str, at: datetime) -> Pairing:
    """One city's word. The second yes opens the partnership. Raises MovedOn.

    Repeating a yes changes nothing.
    """
    locked = Pairing.objects.select_for_update().get(pk=pair.pk)
    if locked.declined_by_id is not None or locked.partnership_id is not None:
        raise MovedOn
    if not is_yes:
        locked.declined_by, locked.declined_at, locked.declined_reason = claim, at, reason
    elif claim.pk == locked.giving_id:
        locked.giving_at = locked.giving_at or at
    else:
        locked.receiving_at = locked.receiving_at or at
    if locked.giving_at and locked.receiving_at and locked.declined_by_id is None:
        locked.partnership = _opened(locked, at)
    locked.save()
    return locked


def _works(first: Place, second: Place) -> bool:
    pairs = Partnership.objects.filter(
        giving_place__in=(first, second), receiving_place__in=(first, second)
    )
    return pairs.exists()


def _opened(pair: Pairing, at: datetime) -> Partnership:
    """The workspace of the two, with a clerk on each side and the bond that they work on."""
    (here, city), (there, _) = pair.giving.body, pair.receiving.body
    partnership = Partnership.objects.create(
        slug=free_slug(slugify(f"{here.name_in('en')}-{there.name_in('en')}")),
        giving_place=here,
        receiving_place=there,
        # Until a charity is named, gifts would go to the giving city itself.
        recipient=city,
        is_conflict_zone=there.country_code in AT_WAR,
    )
    for claim in (pair.giving, pair.receiving):
        _give_role(claim.by, claim, partnership, RoleName.CLERK, at)
    _give_role(pair.by, pair.giving, partnership, RoleName.MATCHMAKER, at)
    twinnings.put_to_work(twinning=_twinning(here, there, at), partnership=partnership)
    return partnership


def _give_role(
    person: Person, claim: Claim, partnership: Partnership, name: RoleName, at: datetime
) -> None:
    Role.objects.create(
        person=person, organisation=claim.body[1], partnership=partnership, name=name,
        since_date=at.date(),
    )  # fmt: skip


def _twinning(here: Place, there: Place, at: datetime) -> Twinning:
    """The bond that is known of the two, or a new one that is proposed."""
    a, b = sorted((here, there), key=lambda place: place.geoname_id)
    known = Twinning.objects.filter(a=a, b=b, partnership=None).first()
    if known is not None:
        return known
    made = twinnings.record_twinning(
        a=a, b=b, kind=Twinning.Kind.SISTER, state=Twinning.State.PROPOSED,
        since_year=None, is_confirmed=True, sources=(),
    )  # fmt: skip
    twinnings.add_milestone(
        twinning=made, kind=Milestone.Kind.PROPOSED, when=PartialDate(at.date(), 8),
        text=LocalText(PROPOSED), source="Twinhood",
    )  # fmt: skip
    return made
