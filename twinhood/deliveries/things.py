"""What acts call a thing, bought or given, and whether it is a vehicle."""

from twinhood.deliveries.given import Offered
from twinhood.deliveries.models import GivenThing, HandoverLine, Unit
from twinhood.deliveries.queries import is_vehicle, unit_name
from twinhood.kit.fields import LocalText


def is_vehicle_thing(thing: Unit | Offered | GivenThing) -> bool:
    """Whether a thing, bought or given, goes only to a body that may have vehicles."""
    return is_vehicle(thing.order.need) if isinstance(thing, Unit) else thing.is_vehicle


def thing_name(thing: Unit | Offered | GivenThing) -> LocalText:
    """What a thing is called: in each language where it was bought, as it was told where given."""
    if isinstance(thing, Unit):
        return unit_name(thing.order.need, thing.number)
    counted = f"{thing.quantity} {thing.counted_in}".strip()
    many = f"{counted} × " if thing.quantity > 1 or thing.counted_in else ""
    return LocalText(dict.fromkeys(("en", "uk"), f"{many}{thing.name}"))


def thing_words(thing: Unit | Offered | GivenThing) -> str:
    return str(thing_name(thing))


def line_name(line: HandoverLine) -> LocalText:
    thing = line.unit or line.given
    if thing is None:
        raise ValueError("a line of an act is bought or given")
    return thing_name(thing)
