"""Leaves as the ledger makes them, without a database: a partnership's money played in memory."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

from twinhood.ledger.core import entry
from twinhood.ledger.core.fields import Rejected
from twinhood.ledger.core.journal import Journal, Order

SLUG = "stamford-kramatorsk"


class Told:
    """Posts what happens to a journal of its own and keeps the leaf of each entry."""

    def __init__(self) -> None:
        self.journal = Journal()
        self.leaves: list[dict[str, Any]] = []
        self.funds: dict[str, str] = {}
        self.gifts: list[str] = []
        self.orders: list[str] = []
        self.day = "2026-11-25"
        self.seq = 0

    @property
    def numbered(self) -> list[tuple[int, dict[str, Any]]]:
        return list(enumerate(self.leaves))

    def open_fund(self, code: str, currency: str) -> None:
        self.funds[code] = currency
        self._enter(f"fund:{code}", {"kind": "fund", "fund": code, "currency": currency}, ())

    def give(self, key: str, fund: str, amount: int, fee: int = 0) -> None:
        booked = entry.gift_settled(
            key=key, fund_code=fund, currency=self.funds[fund], arrives_at="assets:clearing:card",
            rail="card", amount_minor=amount, fee_minor=fee,
        )  # fmt: skip
        record = {"kind": "gift", "key": key, "fund": fund, "amount": amount, "fee": fee}
        self._enter(key, record, booked.transfers)
        self.gifts.append(key)

    def order(self, key: str, funds: list[str], *units: tuple[str, int]) -> None:
        told = [{"unit": name, "amount": amount} for name, amount in units]
        record = {"kind": "order", "key": key, "funds": funds, "units": told}

        def transfers() -> Sequence[entry.Transfer]:
            placed = self.journal.keys[key]
            assert isinstance(placed, Order)
            ends = [0, *placed.fund_ends]
            parts = [(f.name, ends[i + 1] - ends[i]) for i, f in enumerate(placed.funds)]
            currency = placed.funds[0].currency
            return entry.order_placed(key=key, parts=parts, currency=currency).transfers

        self._enter(key, record, transfers)
        self.orders.append(key)

    def cancel(self, key: str, order: str, unit: str | None = None) -> None:
        record = {"kind": "cancel", "key": key, "order": order}
        self._free(key, record | ({"unit": unit} if unit is not None else {}), order)

    def reduce(self, key: str, order: str, unit: str, amount: int) -> None:
        record = {"kind": "reduction", "key": key, "order": order, "unit": unit}
        self._free(key, record | {"amount": amount}, order)

    def _free(self, key: str, record: dict[str, Any], order: str) -> None:
        free = {name: fund.line.free for name, fund in self.journal.funds.items()}

        def transfers() -> Sequence[entry.Transfer]:
            freed = [(n, f.line.free - free[n]) for n, f in self.journal.funds.items()]
            parts = [part for part in freed if part[1]]
            currency = self.funds[parts[0][0]]
            book = entry.unit_cancelled if record["kind"] == "cancel" else entry.unit_reduced
            return book(key=key, order_key=order, parts=parts, currency=currency).transfers

        self._enter(key, record, transfers)

    def refund(self, key: str, source: str, amount: int) -> None:
        number = self.journal.keys[source]
        assert isinstance(number, int)
        fund = self.journal.place_of(number)[0]
        head = fund.line.head

        def transfers() -> Sequence[entry.Transfer]:
            return entry.refunded(
                key=key, fund_code=fund.name, currency=fund.currency,
                paid_from="assets:clearing:card", amount_minor=amount, operating="operating:3",
                operating_minor=1, guarantor="due-from:4", advance_minor=fund.line.head - head,
            ).transfers  # fmt: skip

        record = {"kind": "refund", "key": key, "source": source, "amount": amount}
        self._enter(key, record, transfers)
        if fund.line.head > head:
            self.gifts.append(f"advance:{key}")

    def exchange(self, key: str, fund: str, to: str, amount: int, received: int) -> None:
        booked = entry.exchanged(
            key=key, fund_code=fund, currency=self.funds[fund], amount_minor=amount, to_code=to,
            to_currency=self.funds[to], received_minor=received, bank="assets:bank:main",
        )  # fmt: skip
        record = {"kind": "exchange", "key": key, "fund": fund, "to": to}
        self._enter(key, record | {"amount": amount, "received": received}, booked.transfers)

    def pay(self, key: str, order: str, amount: int) -> None:
        placed = self.journal.keys[order]
        assert isinstance(placed, Order)
        booked = entry.supplier_paid(
            key=key, order_key=order, bank="assets:bank:main", amount_minor=amount,
            currency=placed.funds[0].currency,
        )  # fmt: skip
        self._enter(key, None, booked.transfers)

    def commit(self, *, pulled_back: bool = False) -> None:
        kind = "pulled-back" if pulled_back else "commitment"
        commitment = self.a_commitment(str(len(self.leaves)))
        self.leaves.append({"commitment": commitment, "kind": kind, "partnership": SLUG})

    @staticmethod
    def a_commitment(of: str) -> str:
        return b64encode(sha256(of.encode()).digest()).decode()

    def _enter(
        self,
        key: str,
        record: dict[str, Any] | None,
        transfers: Sequence[entry.Transfer] | Callable[[], Sequence[entry.Transfer]],
    ) -> None:
        if record is not None:
            self.journal.post(record)
        moves = transfers() if callable(transfers) else transfers
        leaf = {
            "date": self.day,
            "journal": [] if record is None else [record],
            "key": key,
            "kind": "entry",
            "partnership": SLUG,
            "seq": self.seq + 1,
            "transfers": [
                {
                    "amount": t.amount_minor,
                    "credit": t.credit.code,
                    "currency": t.debit.currency,
                    "debit": t.debit.code,
                }
                for t in moves
            ],
        }
        if record is not None and record["kind"] == "gift":
            leaf["donor"] = self.a_commitment(key)
        self.seq += 1
        self.leaves.append(leaf)


def play(told: Told, steps: list[tuple[Any, ...]]) -> None:
    """Play random steps; what the rules refuse is left out, as people see it."""
    for number, step in enumerate(steps):
        key = f"{step[0]}:{number}"
        try:
            _play(told, key, *step)
        except (Rejected, IndexError, ValueError):
            continue


def _play(told: Told, key: str, kind: str, *more: Any) -> None:
    match kind, more:
        case "give", (fund, amount, fee):
            told.give(key, fund, amount + fee, fee)
        case "order", (funds, amounts):
            told.order(key, funds, *((f"{key}-{i}", a) for i, a in enumerate(amounts)))
        case "cancel", (number, unit):
            order = told.orders[number % len(told.orders or [0])]
            placed = told.journal.keys[order]
            assert isinstance(placed, Order)
            told.cancel(key, order, [*placed.units, None][unit % (len(placed.units) + 1)])
        case "reduction", (number, unit, amount):
            order = told.orders[number % len(told.orders or [0])]
            placed = told.journal.keys[order]
            assert isinstance(placed, Order)
            told.reduce(key, order, placed.units[unit % len(placed.units)], amount)
        case "refund", (number, amount):
            told.refund(key, told.gifts[number % len(told.gifts or [0])], amount)
        case "exchange", (fund, to, amount, received):
            same = told.funds[fund] == told.funds[to]
            told.exchange(key, fund, to, amount, amount if same else received)
        case "pay", (number, amount):
            told.pay(key, told.orders[number % len(told.orders or [0])], amount)
