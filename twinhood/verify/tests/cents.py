"""A second program for journals: slow, and so plain that it can be believed.

One object for each cent. It shares no code with the product, and is what the product is compared
with.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


class No(Exception):
    """The record is rejected."""


@dataclass(eq=False)
class Cent:
    fund: str
    position: int
    income: str
    # The number of the exchange that brought it, -1 for a gift or an advance.
    exchange: int = -1
    # For a cent received in an exchange: the exchange's key and the offset that it is image of.
    image_of: tuple[str, int] | None = None
    use: str | None = None
    offset: int = 0


@dataclass
class Oracle:
    currencies: dict[str, str] = field(default_factory=dict)
    lines: dict[str, list[Cent]] = field(default_factory=dict)
    keys: set[str] = field(default_factory=set)
    gifts: dict[str, list[Cent]] = field(default_factory=dict)
    units: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    cancelled: dict[str, set[str]] = field(default_factory=dict)
    order_funds: dict[str, list[str]] = field(default_factory=dict)
    refunds: set[str] = field(default_factory=set)
    # By key: the exchange's number, and the cents received for each offset.
    exchanges: dict[str, tuple[int, list[list[Cent]]]] = field(default_factory=dict)

    def post(self, record: Any) -> None:
        need(isinstance(record, dict))
        kind = record.get("kind")
        need(kind in ("fund", "gift", "order", "cancel", "reduction", "refund", "exchange"))
        getattr(self, kind)(record)

    def fund(self, r: dict[str, Any]) -> None:
        need(is_text(r.get("fund")) and is_text(r.get("currency")))
        need(r["fund"] not in self.currencies)
        self.currencies[r["fund"]] = r["currency"]
        self.lines[r["fund"]] = []

    def gift(self, r: dict[str, Any]) -> None:
        self.fresh(r)
        self.opened(r.get("fund"))
        need(is_whole(r.get("amount")) and is_whole(r.get("fee", 0)))
        fee = r.get("fee", 0)
        need(r["amount"] > 0 and fee >= 0 and r["amount"] - fee > 0)
        self.gifts[r["key"]] = self.lengthen(r["fund"], r["key"], r["amount"] - fee)
        self.keys.add(r["key"])

    def order(self, r: dict[str, Any]) -> None:
        self.fresh(r)
        need(isinstance(r.get("funds"), list) and isinstance(r.get("units"), list))
        need(len(r["funds"]) > 0 and len(r["units"]) > 0)
        for fund in r["funds"]:
            self.opened(fund)
        need(len({self.currencies[fund] for fund in r["funds"]}) == 1)
        need(len(set(r["funds"])) == len(r["funds"]))
        for unit in r["units"]:
            need(isinstance(unit, dict) and is_text(unit.get("unit")))
            need(is_whole(unit.get("amount")) and unit["amount"] > 0)
        names = [unit["unit"] for unit in r["units"]]
        need(len(set(names)) == len(names))
        wanted = sum(unit["amount"] for unit in r["units"])
        free = [cent for fund in r["funds"] for cent in self.lines[fund] if cent.use is None]
        need(len(free) >= wanted)
        for offset, cent in enumerate(free[:wanted]):
            cent.use, cent.offset = r["key"], offset
        self.units[r["key"]] = [(u["unit"], i) for u in r["units"] for i in range(u["amount"])]
        self.cancelled[r["key"]] = set()
        self.order_funds[r["key"]] = r["funds"]
        self.keys.add(r["key"])

    def cancel(self, r: dict[str, Any]) -> None:
        self.fresh(r)
        need(is_text(r.get("order")) and r["order"] in self.units)
        if "unit" in r:
            need(is_text(r["unit"]))
        gone = self.cancelled[r["order"]]
        left = {name for name, _ in self.units[r["order"]]} - gone
        chosen = {r["unit"]} if "unit" in r else left
        need(len(chosen) > 0 and chosen <= left)
        for line in self.lines.values():
            for cent in line:
                if cent.use == r["order"] and self.unit_of(cent) in chosen:
                    cent.use = None
        gone |= chosen
        self.keys.add(r["key"])

    def reduction(self, r: dict[str, Any]) -> None:
        self.fresh(r)
        need(is_text(r.get("order")) and r["order"] in self.units)
        need(is_text(r.get("unit")) and is_whole(r.get("amount")) and r["amount"] > 0)
        need(r["unit"] not in self.cancelled[r["order"]])
        own = self.cents_of(r["order"], r["unit"])
        need(r["amount"] < len(own))
        for cent in own[-r["amount"] :]:
            cent.use = None
        self.keys.add(r["key"])

    def cents_of(self, order: str, unit: str) -> list[Cent]:
        """The cents that a unit has now, by its offsets."""
        used = [cent for line in self.lines.values() for cent in line if cent.use == order]
        return sorted((c for c in used if self.unit_of(c) == unit), key=lambda c: c.offset)

    def refund(self, r: dict[str, Any]) -> None:
        self.fresh(r)
        need(is_text(r.get("source")) and r["source"] in self.gifts)
        need(is_whole(r.get("amount")) and r["amount"] > 0)
        own = [c for c in reversed(self.gifts[r["source"]]) if c.use not in self.refunds]
        order = [c for c in own if c.use is None] + [c for c in own if c.use is not None]
        need(r["amount"] <= len(order))
        taken = sorted(order[: r["amount"]], key=lambda cent: cent.position)
        displaced = [(cent.use, cent.offset) for cent in taken if cent.use is not None]
        for offset, cent in enumerate(taken):
            cent.use, cent.offset = r["key"], offset
        self.refunds.add(r["key"])
        self.keys.add(r["key"])
        self.displace(r["key"], taken[0].fund, displaced)

    def displace(self, key: str, fund: str, displaced: list[tuple[str, int]]) -> None:
        homeless = []
        for use, offset in displaced:
            for cent in self.lines[fund]:
                if cent.use is None and self.may_cover(use, cent):
                    cent.use, cent.offset = use, offset
                    break
            else:
                homeless.append((use, offset))
        if homeless:
            advance = self.lengthen(fund, f"advance:{key}", len(homeless))
            self.gifts[f"advance:{key}"] = advance
            self.keys.add(f"advance:{key}")
            for cent, (use, offset) in zip(advance, homeless, strict=True):
                cent.use, cent.offset = use, offset

    def may_cover(self, use: str, cent: Cent) -> bool:
        return use not in self.exchanges or cent.exchange <= self.exchanges[use][0]

    def exchange(self, r: dict[str, Any]) -> None:
        self.fresh(r)
        self.opened(r.get("fund"))
        self.opened(r.get("to"))
        need(is_whole(r.get("amount")) and is_whole(r.get("received")))
        amount, received = r["amount"], r["received"]
        need(amount > 0 and received > 0 and r["fund"] != r["to"])
        if self.currencies[r["fund"]] == self.currencies[r["to"]]:
            need(amount == received)
        free = [cent for cent in self.lines[r["fund"]] if cent.use is None]
        need(len(free) >= amount)
        number = len(self.exchanges)
        cents = self.lengthen(r["to"], r["key"], received)
        images = []
        for offset, cent in enumerate(free[:amount]):
            cent.use, cent.offset = r["key"], offset
            image = cents[offset * received // amount : (offset + 1) * received // amount]
            for got in image:
                got.exchange, got.image_of = number, (r["key"], offset)
            images.append(image)
        self.exchanges[r["key"]] = number, images
        self.keys.add(r["key"])

    def fresh(self, r: dict[str, Any]) -> None:
        need(is_text(r.get("key")) and r["key"] not in self.keys)
        need(not r["key"].startswith("advance:"))

    def opened(self, fund: Any) -> None:
        need(is_text(fund) and fund in self.currencies)

    def lengthen(self, fund: str, income: str, amount: int) -> list[Cent]:
        head = len(self.lines[fund])
        cents = [Cent(fund, head + number, income) for number in range(amount)]
        self.lines[fund] += cents
        return cents

    def unit_of(self, cent: Cent) -> str:
        assert cent.use is not None
        return self.units[cent.use][cent.offset][0]

    def answer(self, rejected: list[int]) -> dict[str, Any]:
        return {
            "rejected": rejected,
            "funds": {fund: self.fund_answer(fund) for fund in self.lines},
            "gifts": {key: self.gift_answer(cents) for key, cents in self.gifts.items()},
            "orders": dict(self.order_answers()),
        }

    def fund_answer(self, fund: str) -> dict[str, Any]:
        line = self.lines[fund]
        uses: list[dict[str, Any]] = []
        for cent in line:
            if cent.use is None:
                continue
            last = uses[-1] if uses else None
            if (
                last is not None
                and last["end"] == cent.position
                and last["key"] == cent.use
                and last["offset"] + last["end"] - last["start"] == cent.offset
            ):
                last["end"] += 1
            else:
                start = cent.position
                uses.append(
                    {"start": start, "end": start + 1, "key": cent.use, "offset": cent.offset}
                )
        free = sum(cent.use is None for cent in line)
        return {
            "currency": self.currencies[fund], "head": len(line), "free": free, "uses": uses
        }  # fmt: skip

    def gift_answer(self, cents: list[Cent]) -> dict[str, Any]:
        rows: Counter[tuple[str, str, str]] = Counter()
        following = list(cents)
        while following:
            cent = following.pop()
            if cent.use is None:
                rows["free", cent.fund, ""] += 1
            elif cent.use in self.units:
                rows["order", cent.use, self.unit_of(cent)] += 1
            elif cent.use in self.refunds:
                rows["refund", cent.use, ""] += 1
            else:
                rows["exchange", cent.use, ""] += 1
                following += self.exchanges[cent.use][1][cent.offset]
        trace = [
            {"to": to, "key": key, "unit": unit, "amount": amount}
            for (to, key, unit), amount in sorted(rows.items())
        ]
        start = cents[0].position
        return {
            "fund": cents[0].fund, "start": start, "end": start + len(cents), "trace": trace
        }  # fmt: skip

    def order_answers(self) -> Iterator[tuple[str, Any]]:
        # Where the cent at each offset of each exchange is now.
        covering = {(cent.use, cent.offset): cent for line in self.lines.values() for cent in line}
        for key, units in self.units.items():
            if len(self.cancelled[key]) == len({name for name, _ in units}):
                continue
            rows: Counter[tuple[str, str]] = Counter()
            for line in self.lines.values():
                for cent in line:
                    if cent.use == key:
                        origin = cent
                        while origin.image_of is not None:
                            origin = covering[origin.image_of]
                        rows[self.unit_of(cent), origin.income] += 1
            sources = [
                {"unit": unit, "key": income, "amount": amount}
                for (unit, income), amount in sorted(rows.items())
            ]
            yield key, {"sources": sources}


def need(holds: bool) -> None:
    if not holds:
        raise No


def is_text(value: Any) -> bool:
    return isinstance(value, str)


def is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def oracle_answer(records: list[Any]) -> dict[str, Any]:
    oracle = Oracle()
    rejected = []
    for number, record in enumerate(records, 1):
        try:
            oracle.post(record)
        except No:
            rejected.append(number)
    return oracle.answer(rejected)
