"""Leaves in, texts out: everything of the public file that follows from its leaves and openings.

One pass, some 15 µs a gift. In memory stay the accounts, the orders' units, and the journal's state
machine (about 300 bytes a gift), which tells where each cent went.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import batched
from typing import Any

from twinhood.ledger.core.answer import Answer
from twinhood.ledger.core.fields import Rejected
from twinhood.ledger.core.journal import Exchange, Fund, Journal, Order
from twinhood.opendata.core import books
from twinhood.opendata.core.amounts import digits_of, major
from twinhood.opendata.core.cells import PLAIN, books_text, cell, row
from twinhood.opendata.core.facts import Facts, local, text
from twinhood.opendata.core.journal_text import GIFT_FIELDS, gift_line
from twinhood.opendata.core.leaf import BadLeaf, Leaf, kind_of, kind_of_entry
from twinhood.opendata.core.names import Names
from twinhood.translog.core import canonical

JOURNAL = "journal.jsonl"
UNITS = "units.csv"
TRACES = "traces.csv"
TOTALS = "totals.json"
ENTRIES = "ledger/entries.csv"
TRANSFERS = "ledger/transfers.csv"
ACCOUNTS = "ledger/accounts.csv"
BEANCOUNT = "ledger/books.beancount"
HLEDGER = "ledger/books.journal"
PATHS = (JOURNAL, ACCOUNTS, BEANCOUNT, HLEDGER, ENTRIES, TRANSFERS, TOTALS, TRACES, UNITS)

HEADS = {
    ENTRIES: "index,seq,date,kind,key\r\n",
    TRANSFERS: "seq,number,date,key,debit,credit,amount_minor,amount,currency\r\n",
    ACCOUNTS: "account,currency,debits_minor,credits_minor,balance_minor,balance,side\r\n",
    TRACES: "gift,fund,start,end,to,key,unit,amount_minor,amount,currency\r\n",
    UNITS: "unit,name,order,amount_minor,amount,currency,state,need,category,number,title_en,"
    "title_uk,supplier_en,supplier_uk,handed_over_date,act,condition,serial_last4,receiver_en,"
    "receiver_uk\r\n",
    BEANCOUNT: "; Made from leaves.jsonl; check it with: bean-check --no-cache books.beancount\n"
    'option "title" "Twinhood"\n\n',
    HLEDGER: "; Made from leaves.jsonl; check it with: hledger -f books.journal check\n"
    "decimal-mark .\n\n",
}
BATCH = 2_000

# Takes a path of `PATHS` and the next bytes of that file.
Write = Callable[[str, bytes], object]


class Rendering:
    """Give it every leaf of a partnership in order, then `finish`.

    `facts` are those of the public openings; `write` gets the next bytes of one of `PATHS`.
    """

    def __init__(self, facts: Iterable[Facts], write: Write) -> None:
        self.names = Names.told_by(facts)
        self.journal = Journal()
        self.chart = books.Chart()
        self.kinds: dict[str, int] = {}
        self.entry_kinds: dict[str, int] = {}
        self.first_date = self.last_date = ""
        self._write = write
        self._waiting: dict[str, list[str]] = {path: [] for path in PATHS}
        self._count = 0
        self._currencies: set[str] = set()
        self._refund_funds: dict[str, Fund] = {}
        # By order: its units' codes and amounts, in turn.
        self._units: dict[str, list[tuple[str, int]]] = {}
        self._cancelled: set[tuple[str, str]] = set()
        self._reduced: dict[tuple[str, str], int] = {}
        for path, head in HEADS.items():
            self._waiting[path].append(head)

    def add(self, index: int, leaf: Leaf, kind: str | None = None) -> None:
        """Render the leaf at `index` of the log. Raises BadLeaf, which says why.

        `kind` is what `kind_of` says, from who has looked at the leaf's shape already.
        """
        kind = kind or kind_of(leaf)
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        if kind == "entry":
            self._add_entry(index, leaf)
            self._count += 1
            if self._count % BATCH == 0:
                self._flush()

    def _add_entry(self, index: int, leaf: Leaf) -> None:
        seq, day, key = leaf["seq"], leaf["date"], leaf["key"]
        is_plain = PLAIN.fullmatch(key) is not None
        self._post(leaf["journal"], day)
        kind = kind_of_entry(leaf)
        self.entry_kinds[kind] = self.entry_kinds.get(kind, 0) + 1
        if day > self.last_date:
            self.last_date = day
        if day < self.first_date or not self.first_date:
            self.first_date = day
        key_cell = key if is_plain else cell(key)
        told = key if is_plain else books_text(key)
        waiting = self._waiting
        waiting[ENTRIES].append(f"{index},{seq},{day},{cell(kind)},{key_cell}\r\n")
        postings = self._transfer(leaf["transfers"], f"{day},{key_cell}", seq)
        if postings:
            waiting[BEANCOUNT].append(f'{day} * "{told}"\n  seq: {seq}\n{postings}\n')
            waiting[HLEDGER].append(f"{day} * ({seq}) {told}  ; key:{told}\n{postings}\n")
        else:
            waiting[BEANCOUNT].append(f"; {day} {told}: no money moved (seq {seq})\n\n")
            waiting[HLEDGER].append(f"; {day} ({seq}) {told}: no money moved\n\n")

    def _transfer(self, transfers: list[Any], about: str, seq: int) -> str:
        accounts = self.chart.accounts
        rows = self._waiting[TRANSFERS]
        postings = ""
        for number, transfer in enumerate(transfers, 1):
            amount_minor, currency = transfer["amount"], transfer["currency"]
            debit = accounts.get((transfer["debit"], currency))
            credit = accounts.get((transfer["credit"], currency))
            if debit is None:
                debit = self._open(transfer["debit"], currency)
            if credit is None:
                credit = self._open(transfer["credit"], currency)
            debit.debits += amount_minor
            credit.credits += amount_minor
            amount = major(amount_minor, debit.digits)
            rows.append(
                f"{seq},{number},{about},{debit.code_cell},{credit.code_cell},"
                f"{amount_minor},{amount},{currency}\r\n"
            )
            postings += (
                f"  {debit.name}  {amount} {currency}\n  {credit.name}  -{amount} {currency}\n"
            )
        return postings

    def _open(self, code: str, currency: str) -> books.Account:
        account, is_new = self.chart.open(code, currency)
        if is_new:
            self._waiting[BEANCOUNT].append(books.beancount_opening(account))
            self._waiting[HLEDGER].append(books.hledger_opening(account))
        if currency not in self._currencies:
            self._currencies.add(currency)
            self._waiting[HLEDGER].append(books.hledger_commodity(currency))
        return account

    # --- the journal

    def _post(self, records: list[Any], day: str) -> None:
        """Post an entry's records, and write them with their date."""
        for record in records:
            try:
                if record.keys() == GIFT_FIELDS:
                    self.journal.post(record)
                    self._waiting[JOURNAL].append(gift_line(record, day))
                else:
                    self._post_other(record, day)
            except Rejected as why:
                raise BadLeaf(f"its record is rejected: {why}") from why

    def _post_other(self, record: dict[str, Any], day: str) -> None:
        shown = self.names.renamed(record)
        self.journal.post(shown)
        match record["kind"]:
            case "order":
                self._units[record["key"]] = [(u["unit"], u["amount"]) for u in record["units"]]
            case "cancel":
                order = record["order"]
                named = [record["unit"]] if "unit" in record else [u for u, _ in self._units[order]]
                self._cancelled.update((order, unit) for unit in named)
            case "reduction":
                thing = record["order"], record["unit"]
                self._reduced[thing] = self._reduced.get(thing, 0) + record["amount"]
            case "refund":
                number = self.journal.keys[record["source"]]
                if isinstance(number, int):
                    self._refund_funds[record["key"]] = self.journal.place_of(number)[0]
        self._waiting[JOURNAL].append(canonical.encode(shown | {"date": day}).decode() + "\n")

    # --- the end

    def finish(self) -> None:
        """Write what only the whole tells: balances, units, traces, totals."""
        waiting = self._waiting
        accounts = sorted(self.chart.accounts.values(), key=lambda a: (a.code, a.currency))
        if accounts:
            waiting[BEANCOUNT].append(books.beancount_balances(accounts, self.last_date))
            waiting[HLEDGER].append(books.hledger_balances(accounts, self.last_date))
        waiting[ACCOUNTS] += [_account_row(account) for account in accounts]
        waiting[UNITS] += [
            self._unit_row(order, unit, amount_minor)
            for order, units in self._units.items()
            for unit, amount_minor in units
        ]
        waiting[TOTALS].append(canonical.encode(self.totals()).decode() + "\n")
        for rows in batched(self._trace_rows(), BATCH):
            waiting[TRACES] += rows
            self._flush()
        self._flush()

    def _flush(self) -> None:
        for path, lines in self._waiting.items():
            if lines:
                self._write(path, "".join(lines).encode())
                lines.clear()

    def _trace_rows(self) -> Iterator[str]:
        """A row for each kind of end that some of a gift's cents found; gifts as posted."""
        found, journal = Answer(self.journal), self.journal
        for key, number in journal.keys.items():
            if type(number) is not int:
                continue
            fund, start, end = journal.place_of(number)
            about = f"{cell(key)},{cell(fund.name)},{start},{end}"
            trace = found.trace(fund, start, end)
            rows = sorted(trace.items()) if len(trace) > 1 else trace.items()
            for (to, what, unit), amount_minor in rows:
                currency = self._currency_of(to, what)
                yield (
                    f"{about},{to},{cell(what)},{cell(unit)},{amount_minor},"
                    f"{major(amount_minor, digits_of(currency))},{cell(currency)}\r\n"
                )

    def _currency_of(self, to: str, key: str) -> str:
        """The currency of what a row of a trace counts."""
        if to == "free":
            return self.journal.funds[key].currency
        if to == "refund":
            return self._refund_funds[key].currency
        use = self.journal.keys[key]
        if isinstance(use, Exchange):
            return use.source.currency
        return use.funds[0].currency if isinstance(use, Order) else ""

    def _unit_row(self, order: str, unit: str, amount_minor: int) -> str:
        currency = self._currency_of("order", order)
        thing = self.names.things.get(unit, {})
        act, line = self.names.handed_over.get(unit, ({}, {}))
        is_cancelled = (order, unit) in self._cancelled
        amount_minor -= self._reduced.get((order, unit), 0)
        state = "cancelled" if is_cancelled else "handed over" if act else "bought"
        return row(
            unit, self.names.names.get(unit, ""), order,
            amount_minor, major(amount_minor, digits_of(currency)), currency, state,
            thing.get("need"), text(thing, "category"), thing.get("number"),
            *_in_both(thing, "title"), *_in_both(thing, "supplier"),
            text(act, "date"), act.get("act"), text(line, "condition"), text(line, "serial_last4"),
            *_in_both(act, "receiver"),
        )  # fmt: skip

    def totals(self) -> dict[str, Any]:
        """Sums of everything; amounts are texts, since they have no upper bound."""
        funds = self.journal.funds.items()
        return {
            "entries": self.entry_kinds,
            "first_date": self.first_date,
            "funds": {
                name: {
                    "currency": fund.currency,
                    "free_minor": str(fund.line.free),
                    "received_minor": str(fund.line.head),
                    "used_minor": str(fund.line.head - fund.line.free),
                }
                for name, fund in funds
            },
            "kind": "twinhood totals",
            "last_date": self.last_date,
            "leaves": self.kinds,
            "transferred_minor": self._transferred(),
            "units": sum(len(units) for units in self._units.values()),
            "units_cancelled": len(self._cancelled),
            "units_named": len(self.names.names),
            "version": 1,
        }

    def _transferred(self) -> dict[str, str]:
        sums: dict[str, int] = {}
        for account in self.chart.accounts.values():
            sums[account.currency] = sums.get(account.currency, 0) + account.debits
        return {currency: str(sum_minor) for currency, sum_minor in sums.items()}


def _in_both(facts: Facts, name: str) -> tuple[str, str]:
    return local(facts, name, "en"), local(facts, name, "uk")


def _account_row(account: books.Account) -> str:
    balance = account.balance_minor
    side = "debit" if balance > 0 else "credit" if balance else ""
    return (
        f"{account.code_cell},{account.currency},{account.debits},{account.credits},"
        f"{abs(balance)},{major(abs(balance), account.digits)},{side}\r\n"
    )
