"""A journal's records posted to real books, one after the other, by the actions that people use."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import DatabaseError, connection, transaction

from twinhood.kit import clock
from twinhood.ledger import actions, errors, freeing, queries
from twinhood.ledger.actions import Income
from twinhood.ledger.core import entry
from twinhood.ledger.core.fields import Rejected, optional_text, some, some_texts, text, whole
from twinhood.ledger.core.line import Line
from twinhood.ledger.core.line import Piece as CorePiece
from twinhood.ledger.lines import free_runs
from twinhood.ledger.models import Fund, Piece, Segment, Use
from twinhood.ledger.tests.world import AT, CASH, a_partnership
from twinhood.people.models import Partnership

type Record = dict[str, Any]
WEIGHT = """
SELECT (SELECT sum(last_seq) FROM ledger_books), (SELECT count(*) FROM ledger_entry),
  (SELECT count(*) FROM ledger_transfer), (SELECT count(*) FROM ledger_segment),
  (SELECT count(*) FROM ledger_use), (SELECT count(ended_by_id) FROM ledger_piece),
  (SELECT count(*) FROM ledger_piece)
"""
REFUSALS = (errors.LedgerError, Rejected, ValueError, DatabaseError)


def moment(number: int) -> datetime:
    """When the record of this number (from 1) was posted: one a minute."""
    return AT + timedelta(minutes=number)


class Played:
    """The books of one partnership, and the numbers of the records that they refused."""

    def __init__(self, partnership: Partnership | None = None) -> None:
        self.partnership = partnership or a_partnership()
        self.rejected: list[int] = []
        self.kinds: dict[str, Callable[[Record], object]] = {
            "fund": self.fund, "gift": self.gift, "order": self.order, "cancel": self.cancel,
            "reduction": self.reduction, "refund": self.refund, "exchange": self.exchange,
        }  # fmt: skip

    def play(self, records: list[Record]) -> None:
        """Post each; one that is refused must leave everything as it was."""
        for number, record in enumerate(records, 1):
            before = self.weight()
            try:
                with transaction.atomic(), clock.showing(moment(number)):
                    self.post(record)
            except REFUSALS:
                assert self.weight() == before, record
                self.rejected.append(number)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    def weight(self) -> tuple[int, ...]:
        """How much stands in the books; compared around a record that is refused."""
        with connection.cursor() as cursor:
            cursor.execute(WEIGHT)
            return tuple(cursor.fetchone())

    def post(self, record: Record) -> None:
        kind = text(record, "kind")
        if kind not in self.kinds:
            raise Rejected(f"unknown kind {kind}")
        self.kinds[kind](record)

    def fund(self, record: Record) -> None:
        code, currency = text(record, "fund"), text(record, "currency")
        actions.open_fund(partnership=self.partnership, code=code, currency=currency, at=AT)

    def gift(self, record: Record) -> None:
        code = text(record, "fund")
        amount = whole(record, "amount")
        fee = whole(record, "fee", least=0) if "fee" in record else 0
        fund = Fund.objects.filter(partnership=self.partnership, code=code).first()
        booked = entry.gift_settled(
            key=text(record, "key"), fund_code=code, currency=fund.currency if fund else "XXX",
            arrives_at=CASH, rail="cash", amount_minor=amount, fee_minor=fee,
        )  # fmt: skip
        income = Income(booked, code, amount - fee, AT)
        actions.post_income(partnership=self.partnership, incomes=[income])

    def order(self, record: Record) -> None:
        units = [(text(unit, "unit"), whole(unit, "amount")) for unit in _objects(record, "units")]
        actions.place_order(
            partnership=self.partnership, key=text(record, "key"),
            fund_codes=some_texts(record, "funds"), units=units, at=AT,
        )  # fmt: skip

    def cancel(self, record: Record) -> None:
        freeing.cancel(
            partnership=self.partnership, key=text(record, "key"),
            order_key=text(record, "order"), unit=optional_text(record, "unit"), at=AT,
        )  # fmt: skip

    def reduction(self, record: Record) -> None:
        freeing.reduce(
            partnership=self.partnership, key=text(record, "key"),
            order_key=text(record, "order"), unit=text(record, "unit"),
            amount_minor=whole(record, "amount"), at=AT,
        )  # fmt: skip

    def refund(self, record: Record) -> None:
        actions.refund(
            partnership=self.partnership, key=text(record, "key"),
            source_key=text(record, "source"), amount_minor=whole(record, "amount"),
            paid_from=CASH, at=AT,
        )  # fmt: skip

    def exchange(self, record: Record) -> None:
        actions.exchange(
            partnership=self.partnership, key=text(record, "key"),
            fund_code=text(record, "fund"), amount_minor=whole(record, "amount"),
            to_code=text(record, "to"), received_minor=whole(record, "received"), at=AT,
        )  # fmt: skip

    def answer(self) -> dict[str, Any]:
        """What the books say, as docs/reference/journal.md has an answer."""
        incomes = Segment.objects.filter(fund__partnership=self.partnership)
        orders = Use.objects.filter(partnership=self.partnership, kind=Use.Kind.ORDER)
        return {
            "rejected": self.rejected,
            "funds": {
                f.code: _line(f)
                for f in Fund.objects.filter(partnership=self.partnership).select_related("account")
            },
            "gifts": {
                key: self._gift(key)
                for key in incomes.exclude(kind="exchange").values_list("key", flat=True)
            },
            "orders": {
                key: {"sources": queries.sources(partnership=self.partnership, order_key=key)}
                for key in orders.filter(units__cancelled_by=None)
                .distinct()
                .values_list("key", flat=True)
            },
        }

    def _gift(self, key: str) -> dict[str, Any]:
        found = queries.trace(partnership=self.partnership, key=key)
        assert found is not None
        return {
            "fund": found.fund_code, "start": found.span.start, "end": found.span.end,
            "trace": found.rows(),
        }  # fmt: skip


def _objects(record: Record, name: str) -> list[Record]:
    found = [value for value in some(record, name) if isinstance(value, dict)]
    if len(found) < len(some(record, name)):
        raise Rejected("a unit must be an object")
    return found


def _line(fund: Fund) -> dict[str, Any]:
    live = Piece.objects.filter(fund=fund, ended_by=None).select_related("use")
    line = Line(
        fund.head_minor,
        [CorePiece(p.start_minor, p.end_minor, p.use.key, p.offset_minor) for p in live],
    )
    assert list(free_runs(fund)) == list(line.free_runs())
    assert fund.account.balance_minor == fund.free_minor == line.free
    return {
        "currency": fund.currency,
        "head": fund.head_minor,
        "free": fund.free_minor,
        "uses": [
            {"start": p.start, "end": p.end, "key": p.use, "offset": p.offset}
            for p in line.pieces()
        ],
    }
