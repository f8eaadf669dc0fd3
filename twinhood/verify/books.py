"""The rules of the books, said a second time: docs/concepts/money.md.

An entry's transfers must be those that its journal record stands for. For a gift they follow from
the record. For all else the accounts must be of the right kinds, and each fund's balance must be
what its line has free; so no amount can differ either.
"""

from collections.abc import Iterable
from typing import Any

from twinhood.ledger.core.entry import commitment_of
from twinhood.ledger.core.journal import ADVANCE, Fund, Journal, Order
from twinhood.verify.errors import Fails, Said

# Debits less credits of a known account may have only one sign, or either.
_NORMAL = {
    "assets": "debit", "due-from": "debit", "expenses": "debit", "operating": "debit",
    "fund": "credit", "commitments": "credit", "payables": "credit", "income": "credit",
    "exchange": "credit",
}  # fmt: skip
_NEVER_BELOW_ZERO = ("fund:", "commitments:")
_GIFT_FIELDS = {"amount", "fee", "fund", "key", "kind"}
_UNIT_FIELDS = {"amount", "unit"}
_FIELDS = {
    "fund": ({"currency", "fund", "kind"},),
    "gift": (_GIFT_FIELDS,),
    "order": ({"funds", "key", "kind", "units"},),
    "cancel": ({"key", "kind", "order"}, {"key", "kind", "order", "unit"}),
    "reduction": ({"amount", "key", "kind", "order", "unit"},),
    "refund": ({"amount", "key", "kind", "source"},),
    "exchange": ({"amount", "fund", "key", "kind", "received", "to"},),
}
# For each kind: which accounts may be debited against which, by how their codes begin.
_MOVES = {
    "order": {("fund", "commitments")},
    "cancel": {("commitments", "fund")},
    "reduction": {("commitments", "fund")},
    "refund": {("due-from", "fund"), ("fund", "assets"), ("fund", "due-from"),
               ("operating", "assets")},
    "exchange": {("fund", "fund"), ("fund", "exchange"), ("exchange", "assets"),
                 ("assets", "exchange"), ("exchange", "fund")},
    "fund": set(),
    # Suppliers paid and paying back; costs that touch no fund, and their return; things given in
    # kind, handed over, or entered wrongly.
    "": {("commitments", "assets"), ("assets", "commitments"),
         ("operating", "assets"), ("assets", "operating"),
         ("assets", "income"), ("expenses", "assets"), ("income", "assets"),
         # What a rail had collected arrives at the bank.
         ("assets", "assets")},
}  # fmt: skip

type Entry = dict[str, Any]


class Wrong(Exception):
    """An entry that breaks a rule: what was expected, what was found."""

    def __init__(self, expected: str, found: object) -> None:
        self.expected = expected
        self.found = found
        super().__init__(expected)


class Books:
    """Balances and order of the entries so far; their records are in `journal` already."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        # (account, currency) → debits less credits, in minor units.
        self.balances: dict[tuple[str, str], int] = {}
        self.seq = 0
        self.gifts = 0
        self.given: dict[str, int] = {}
        # Keys of entries that the journal does not keep.
        self._keys: set[str] = set()

    def enter(self, entry: Entry) -> None:
        """Check an entry, which has an entry's shape and whose records are posted. Raises Wrong."""
        self.seq += 1
        if entry["seq"] != self.seq:
            raise Wrong(f"the entry's number {self.seq}", entry["seq"])
        records, transfers = entry["journal"], entry["transfers"]
        if len(records) > 1:
            raise Wrong("at most one record", len(records))
        record: Entry = records[0] if records else {"kind": ""}
        kind = record["kind"]
        if kind and record.keys() not in _FIELDS[kind]:
            raise Wrong(f"the fields of a record of kind {kind}", sorted(record))
        if kind == "order" and any(unit.keys() != _UNIT_FIELDS for unit in record["units"]):
            raise Wrong("units of a name and an amount", record["units"])
        if not transfers and kind != "fund":
            raise Wrong("an entry that moves something", Said("no transfers"))
        self._use_key(entry["key"], record)
        for transfer in transfers:
            self._transfer(transfer)
        if kind == "gift":
            self._gift(record, transfers)
        else:
            self._look_moves(record, transfers)
            self._look_balances(record, transfers)

    def _use_key(self, key: str, record: Entry) -> None:
        told = f"fund:{record['fund']}" if record["kind"] == "fund" else record.get("key")
        if told is not None and told != key:
            raise Wrong(f"the record's key {told}", key)
        if key.startswith(ADVANCE):
            raise Wrong(f"a key that does not begin with {ADVANCE}", key)
        if record["kind"] in {"fund", ""}:
            if key in self._keys or key in self.journal.keys:
                raise Wrong("a key that was not used before", key)
            self._keys.add(key)
        elif self._keys and key in self._keys:
            raise Wrong("a key that was not used before", key)

    def _transfer(self, transfer: Entry) -> None:
        amount, currency = transfer["amount"], transfer["currency"]
        balances = self.balances
        debit, credit = (transfer["debit"], currency), (transfer["credit"], currency)
        for account in (debit, credit):
            if account not in balances:
                _look_account(account[0])
                balances[account] = 0
        balances[debit] += amount
        balances[credit] -= amount

    def _gift(self, record: Entry, transfers: list[Entry]) -> None:
        """What arrived goes to the fund; what was kept is income and expense beside it."""
        fund, amount, fee = record["fund"], record["amount"], record["fee"]
        currency = self.journal.funds[fund].currency
        found = [(t["credit"], t["currency"], t["amount"]) for t in transfers]
        expected = [(f"fund:{fund}", currency, amount - fee)]
        if fee:
            debit = transfers[-1]["debit"]
            rail = debit.removeprefix("expenses:fees:")
            expected.append((f"income:fees-covered:{rail}", currency, fee))
            if not debit.startswith("expenses:fees:"):
                raise Wrong("a fee as an expense", debit)
        if found != expected:
            raise Wrong(f"the transfers {expected}", found)
        if not transfers[0]["debit"].startswith("assets:"):
            raise Wrong("a gift that arrives in an asset's account", transfers[0]["debit"])
        self.gifts += 1
        self.given[currency] = self.given.get(currency, 0) + amount

    def _look_moves(self, record: Entry, transfers: list[Entry]) -> None:
        """The accounts are of the kinds that they must be, and the fund pays what is recorded."""
        kind = record["kind"]
        for transfer in transfers:
            debit, credit = transfer["debit"], transfer["credit"]
            if (debit.partition(":")[0], credit.partition(":")[0]) not in _MOVES[kind]:
                what = f"an entry of kind {kind}" if kind else "a payment"
                raise Wrong(f"transfers of {what}", f"{debit} from {credit}")
        paid = sum(t["amount"] for t in transfers if t["debit"].startswith("fund:"))
        if paid != (wanted := _paid_by_funds(record)):
            raise Wrong(f"{wanted} out of funds, as recorded", paid)
        if kind in {"order", "cancel", "reduction"}:
            side = "credit" if kind == "order" else "debit"
            account = commitment_of(record["key" if kind == "order" else "order"])
            if any(transfer[side] != account for transfer in transfers):
                raise Wrong(f"transfers of {account}", Said("another account"))

    def _look_balances(self, record: Entry, transfers: list[Entry]) -> None:
        """No account that must not be below zero is; funds have what their lines have free."""
        for transfer in transfers:
            for code in (transfer["debit"], transfer["credit"]):
                balance = -self.balances[code, transfer["currency"]]
                if balance < 0 and code.startswith(_NEVER_BELOW_ZERO):
                    raise Wrong(f"{code} at zero or above", balance)
                if balance and code.startswith("exchange:"):
                    raise Wrong(f"{code} brought back to zero", balance)
                if code.startswith("fund:") and code[5:] not in self.journal.funds:
                    raise Wrong("a fund that is open", code[5:])
        for fund in self._funds_of(record):
            self.look_fund(fund)

    def _funds_of(self, record: Entry) -> Iterable[Fund]:
        """The funds whose lines a record may have changed."""
        funds, keys = self.journal.funds, self.journal.keys
        match record["kind"]:
            case "order" | "cancel" | "reduction":
                order = keys[record["key"] if record["kind"] == "order" else record["order"]]
                return order.funds if isinstance(order, Order) else ()
            case "exchange":
                return funds[record["fund"]], funds[record["to"]]
            case "refund":
                gift = keys[record["source"]]
                return (self.journal.place_of(gift)[0],) if isinstance(gift, int) else ()
        return ()

    def look_fund(self, fund: Fund) -> None:
        """Raise Wrong unless the fund's balance is what its line has free, in its currency."""
        balance = -self.balances.get((f"fund:{fund.name}", fund.currency), 0)
        if balance != fund.line.free:
            raise Wrong(f"{fund.line.free} on {fund.name}, as its line has free", balance)

    def finish(self) -> None:
        """Look at what only the whole shows. Raises Fails."""
        for fund in self.journal.funds.values():
            try:
                self.look_fund(fund)
            except Wrong as wrong:
                raise Fails("leaves.jsonl", wrong.expected, wrong.found) from wrong
        for (code, currency), balance in self.balances.items():
            kind, _, name = code.partition(":")
            side = _NORMAL[kind]
            if kind == "fund" and self.journal.funds[name].currency != currency:
                raise Fails("leaves.jsonl", f"{code} in one currency", Said(currency))
            if side == "credit" and balance > 0 and code.startswith(_NEVER_BELOW_ZERO):
                raise Fails("leaves.jsonl", f"{code} at zero or above", -balance)


def _paid_by_funds(record: Entry) -> int:
    """What an entry must debit to funds, in minor units."""
    if record["kind"] == "order":
        return sum(unit["amount"] for unit in record["units"])
    return record["amount"] if record["kind"] in {"refund", "exchange"} else 0


def _look_account(code: str) -> None:
    if code.partition(":")[0] not in _NORMAL:
        raise Wrong("an account of a known kind", code)
