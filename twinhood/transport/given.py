"""Things given in kind at their hand-over: here both the gift and the act are known.

`deliveries` asks through `deliveries.given.Room`; this module is that room.
"""

from twinhood.deliveries.errors import SerialKnown
from twinhood.deliveries.given import Offered
from twinhood.deliveries.models import HandoverAct
from twinhood.giving import in_kind
from twinhood.giving.models import InKindGift
from twinhood.people.models import Partnership


def waiting(partnership: Partnership) -> list[Offered]:
    """What is here and not handed over, the oldest first."""
    found = InKindGift.objects.filter(
        partnership=partnership, handed_over_date=None, undone_at=None
    ).order_by("received_date", "pk")
    return [_offered(gift) for gift in found]


def locked(partnership: Partnership, key: str) -> Offered | None:
    """The thing as it is now, locked until the transaction ends; None if it waits no more."""
    found = InKindGift.objects.select_for_update().filter(
        partnership=partnership, ref=_ref(key), handed_over_date=None, undone_at=None
    )
    gift = found.first()
    return _offered(gift) if gift else None


def set_serial(partnership: Partnership, key: str, serial: str) -> None:
    """Keep the number of a thing that has none. Raises SerialKnown."""
    gift = InKindGift.objects.filter(partnership=partnership, ref=_ref(key)).first()
    if gift is None:
        return
    try:
        in_kind.set_serial(gift=gift, serial=serial)
    except in_kind.NumberKnown as problem:
        raise SerialKnown(serial) from problem


def follow(act: HandoverAct) -> None:
    """Say of the things given in an act that counts what became of them."""
    if not act.is_complete:
        return
    said = in_kind.HandOver(
        act=str(act),
        to=act.receiver,
        day=act.handed_over_date,
        person=act.recorded_by,
        public_from=None if act.is_pulled_back else act.public_from_date,
    )
    keys = act.lines.filter(standing_given__isnull=False).values_list("given__key", flat=True)
    refs = [_ref(key) for key in keys]
    for gift in InKindGift.objects.filter(partnership=act.partnership_id, ref__in=refs):
        in_kind.hand_over(gift=gift, said=said)


def _ref(key: str) -> str:
    return key.removeprefix("in-kind:")


def _offered(gift: InKindGift) -> Offered:
    return Offered(
        key=gift.key,
        name=gift.description,
        quantity=gift.quantity,
        counted_in=gift.unit,
        serial=gift.serial,
        value_minor=gift.value_minor,
        currency=gift.currency,
        is_vehicle=gift.is_vehicle,
        received_date=gift.received_date,
    )
