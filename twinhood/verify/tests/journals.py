"""Random journals: small lines, so that refunds displace, with bad records among the good."""

import contextlib
from random import Random
from typing import Any

from twinhood.verify.tests.cents import No, Oracle

Record = dict[str, Any]


class Maker:
    """Draws records one after the other; most are good, since it knows what is there."""

    def __init__(self, random: Random, *, most: int, funds: int, weights: dict[str, int]) -> None:
        self.random = random
        self.most = most
        self.weights = weights
        currencies = ["USD", "UAH", "USD", "EUR", "UAH", "USD"]
        self.funds = {f"f{n}": currencies[n % len(currencies)] for n in range(funds)}
        self.known = Oracle()
        self.count = 0

    def records(self, number: int) -> list[Record]:
        opened = [{"kind": "fund", "fund": f, "currency": c} for f, c in self.funds.items()]
        for record in opened:
            self.known.post(record)
        return opened + [self.record() for _ in range(number)]

    def record(self) -> Record:
        kinds, weights = list(self.weights), list(self.weights.values())
        kind = self.random.choices(kinds, weights)[0]
        record: Record = getattr(self, kind)()
        if self.random.random() < 0.03:
            record = self.spoilt(record)
        with contextlib.suppress(No):
            self.known.post(record)
        return record

    def key(self) -> str:
        self.count += 1
        return f"{self.random.choice('abcxyz')}{self.count}"

    def amount(self) -> int:
        return self.random.randint(1, self.random.choice([2, 10, self.most]))

    def part_of(self, cents: int) -> int:
        """All of it, some of it, and now and then too much."""
        return self.random.choice([cents, cents + 1, self.amount(), *[self.up_to(cents)] * 5])

    def up_to(self, cents: int) -> int:
        return self.random.randint(1, max(cents, 1))

    def free(self, *funds: str) -> int:
        return sum(cent.use is None for fund in funds for cent in self.known.lines[fund])

    def gift(self) -> Record:
        record = {"kind": "gift", "key": self.key(), "fund": self.fund(), "amount": self.amount()}
        if self.random.random() < 0.3:
            record["fee"] = self.random.randint(0, 3)
        return record

    def order(self) -> Record:
        first = self.fund()
        others = [f for f, c in self.funds.items() if c == self.funds[first] and f != first]
        funds = [first, *self.random.sample(others, self.random.randint(0, len(others)))]
        names = self.random.sample(["10", "9", "", "ü", "a", "b"], self.random.randint(1, 4))
        most = self.part_of(self.free(*funds)) // len(names)
        units = [{"unit": name, "amount": max(self.up_to(most), most - 3)} for name in names]
        return {"kind": "order", "key": self.key(), "funds": funds, "units": units}

    def cancel(self) -> Record:
        order = self.random.choice(list(self.known.units)[-8:] or ["none"])
        record = {"kind": "cancel", "key": self.key(), "order": order}
        if self.random.random() < 0.6:
            names = sorted({name for name, _ in self.known.units.get(order, [])})
            record["unit"] = self.random.choice([*names, "none"])
        return record

    def reduction(self) -> Record:
        order = self.random.choice(list(self.known.units)[-8:] or ["none"])
        names = sorted({name for name, _ in self.known.units.get(order, [])})
        unit = self.random.choice([*names, "none"])
        # An exchange may be called "none" too, and it has no units.
        own = self.known.cents_of(order, unit) if names else []
        amount = self.part_of(len(own) - 1)
        return {
            "kind": "reduction", "key": self.key(), "order": order, "unit": unit,
            "amount": max(amount, 1),
        }  # fmt: skip

    def refund(self) -> Record:
        source = self.random.choice(list(self.known.gifts)[-12:] or ["none"])
        left = [c for c in self.known.gifts.get(source, []) if c.use not in self.known.refunds]
        amount = self.part_of(len(left))
        return {"kind": "refund", "key": self.key(), "source": source, "amount": amount}

    def exchange(self) -> Record:
        fund, to = self.fund(), self.fund()
        amount = received = max(self.part_of(self.free(fund)), 1)
        if self.funds[fund] != self.funds[to]:
            received = self.random.choice([self.amount(), amount * 3 // 7 + 1, amount * 5 // 3])
        return {
            "kind": "exchange", "key": self.key(), "fund": fund, "amount": amount,
            "to": to, "received": received,
        }  # fmt: skip

    def fund(self) -> str:
        return self.random.choice(list(self.funds))

    def spoilt(self, record: Record) -> Record:
        name = self.random.choice(list(record))
        values: list[Any] = [
            None,
            True,
            5.0,
            -1,
            0,
            "",
            "none",
            "advance:a1",
            [],
            {},
            ["f0", "f0"],
            999,
        ]
        spoilt = record | {name: self.random.choice(values)}
        if self.random.random() < 0.2:
            del spoilt[name]
        return spoilt


MIXES = [
    {"gift": 6, "order": 3, "cancel": 2, "reduction": 2, "refund": 4, "exchange": 3},
    {"gift": 4, "order": 1, "cancel": 1, "reduction": 1, "refund": 4, "exchange": 8},
    {"gift": 3, "order": 2, "cancel": 1, "reduction": 2, "refund": 8, "exchange": 3},
    {"gift": 8, "order": 4, "cancel": 4, "reduction": 4, "refund": 1, "exchange": 1},
]


def random_records(seed: int) -> list[Record]:
    random = Random(seed)  # noqa: S311  (a journal to try, not a secret)
    maker = Maker(
        random,
        most=random.choice([3, 12, 40, 150]),
        funds=random.randint(1, 6),
        weights=random.choice(MIXES),
    )
    return maker.records(random.choice([10, 30, 60, 150]))
