"""What openings tell of things: names in place of opaque codes, and what became of them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from twinhood.opendata.core.facts import Facts, expect_facts


@dataclass(slots=True)
class Names:
    """Public names by opaque code, and the facts behind them; only of what may be known."""

    names: dict[str, str] = field(default_factory=dict)
    things: dict[str, Facts] = field(default_factory=dict)
    # By code: the hand-over act's facts, and what they say of this thing.
    handed_over: dict[str, tuple[Facts, Facts]] = field(default_factory=dict)

    @classmethod
    def told_by(cls, facts: Iterable[Facts]) -> "Names":
        """Read the facts of openings; those of no thing are passed over. Raises BadFacts."""
        found = cls()
        for told in map(expect_facts, facts):
            if told["kind"] == "thing":
                found.things[told["unit"]] = told
                found.names[told["unit"]] = told["name"]
            elif told["kind"] == "hand-over":
                found.handed_over.update((line["unit"], (told, line)) for line in told["units"])
        return found

    def renamed(self, record: dict[str, Any]) -> dict[str, Any]:
        """A journal record with public names; where one stands, the code stays beside it."""
        kind, units = record.get("kind"), record.get("units")
        if kind == "order" and isinstance(units, list):
            return record | {"units": [self._renamed_unit(unit) for unit in units]}
        return self._renamed_unit(record) if kind in ("cancel", "reduction") else record

    def _renamed_unit(self, unit: Any) -> Any:
        code = unit.get("unit") if isinstance(unit, dict) else None
        name = self.names.get(code) if isinstance(code, str) else None
        return unit if name is None else unit | {"code": code, "unit": name}
