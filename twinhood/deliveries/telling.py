"""What the log commits to of orders and hand-overs, opened once the safety rule lets it out.

The shapes are those of docs/reference/public-file.md. Offices and bodies are named, no person is;
of a serial number there are the last four characters.
"""

from typing import Any

from twinhood.deliveries import photos, queries
from twinhood.deliveries.core import publicity
from twinhood.deliveries.models import Approval, HandoverAct, HandoverLine, Unit
from twinhood.places.standing import public_names

type Facts = dict[str, Any]


def approval_facts(approval: Approval, number: int) -> Facts:
    """That somebody of this organisation said yes to exactly this content, as the `number`th."""
    return {
        "content": approval.content_hash,
        "date": approval.approved_at.date().isoformat(),
        "kind": "approval",
        "number": number,
        "order": approval.order.key,
        "organisation": dict(approval.organisation.name),
    }


def public_name(need_number: int, category: str, number: int) -> str:
    """A thing's name in journal and traces: the third ambulance of need 1 is "n1-ambulance-3"."""
    return f"n{need_number}-{category}-{number}"


def thing_facts(unit: Unit) -> Facts:
    """The name behind a thing's opaque code, and who sold it."""
    need = unit.order.need
    return {
        "category": str(need.category),
        "kind": "thing",
        "name": public_name(need.number, need.category, unit.number),
        "need": need.number,
        "number": unit.number,
        "order": unit.order.key,
        "supplier": dict(unit.order.quote.supplier.name),
        "title": dict(queries.unit_name(need, unit.number)),
        "unit": unit.code,
    }


def act_facts(act: HandoverAct) -> Facts:
    """A hand-over: the day, who gave, who received, which things; of the paper its SHA-256."""
    lines = act.lines.select_related("unit", "given").order_by("unit__number", "unit__code", "pk")
    given = [line for line in lines if line.given]
    more: Facts = {"paper": act.document.sha256} if act.document else {}
    if act.replaces:
        more["replaces"] = act.replaces.number
    if given:
        more["given"] = [_line_facts(line, "key", line.given.key) for line in given if line.given]
    return more | {
        "act": act.number,
        "date": act.handed_over_date.isoformat(),
        "giver": dict(act.giver.name),
        "kind": "hand-over",
        "photos": sorted(photos.photo_hashes(act)),
        "place": dict(public_names(act.place, act.handed_over_date)),
        "receiver": dict(act.receiver.name),
        "signed_by": dict(queries.offices_of(act)),
        "units": [_line_facts(line, "unit", line.unit.code) for line in lines if line.unit],
    }


def _line_facts(line: HandoverLine, called: str, name: str) -> Facts:
    return {
        "condition": str(line.condition),
        "serial_last4": publicity.last_four(line.serial),
        called: name,
    }
