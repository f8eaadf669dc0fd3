"""An action reads what it touches, however long the line is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from twinhood.ledger import freeing
from twinhood.ledger.core.line import Line, Piece, Span
from twinhood.ledger.lines import FundLine, free_runs
from twinhood.ledger.models import Fund
from twinhood.ledger.tests.world import AT, a_partnership, give, open_funds, order, refund
from twinhood.people.models import Partnership

pytestmark = pytest.mark.django_db


def a_torn_line(orders: int) -> Partnership:
    """Gifts of 100, orders of 30 over all of them, every third order cancelled."""
    partnership = a_partnership(f"line-{orders}")
    open_funds(partnership, usd="USD")
    give(partnership, "usd", *((f"G{n}", 100, 0) for n in range(orders)))
    for number in range(orders):
        order(partnership, f"X{number}", ["usd"], ("thing", 30))
    for number in range(0, orders, 3):
        freeing.cancel(
            partnership=partnership, key=f"K{number}", order_key=f"X{number}", unit=None, at=AT
        )
    return partnership


def line_of(partnership: Partnership) -> FundLine:
    return FundLine(Fund.objects.get(partnership=partnership, code="usd"))


def queries_of_an_order_and_a_refund(partnership: Partnership) -> int:
    with CaptureQueriesContext(connection) as asked:
        order(partnership, "Y", ["usd"], ("pump", 50))
        refund(partnership, "R", "G1", 60)
    return len(asked)


def test_orders_and_refunds_ask_as_much_of_a_long_line_as_of_a_short_one() -> None:
    short, long = a_torn_line(6), a_torn_line(60)

    assert queries_of_an_order_and_a_refund(short) == queries_of_an_order_and_a_refund(long)


def test_a_refund_reads_the_pieces_of_its_own_segment_alone() -> None:
    line = line_of(a_torn_line(60))

    line.refund("R", Span(100, 200), 60)

    assert sorted((piece.start, piece.use) for piece in line.rows) == [(120, "X4"), (150, "X5")]


def test_free_runs_are_what_the_pieces_leave() -> None:
    line = line_of(a_torn_line(9))

    runs = list(free_runs(line.fund))

    assert runs == [Span(0, 30), Span(90, 120), Span(180, 210), Span(270, 900)]
    assert sum(run.length for run in runs) == line.fund.free_minor


def test_a_line_seen_in_part_gives_what_the_whole_one_gives() -> None:
    pieces = [Piece(0, 30, "A", 0), Piece(40, 70, "B", 0), Piece(90, 120, "C", 0)]
    seen = Line.seen_in_part(200, pieces[1:2], [Span(30, 40), Span(40, 80), Span(80, 90)])

    whole, part = (
        line.refund("R", Span(40, 80), 25, refunds=(), exchanges={}, exchange_incomes=())
        for line in (Line(200, pieces), seen)
    )

    assert whole == part
    assert part.written[-2:] == (Piece(30, 40, "B", 15), Piece(80, 85, "B", 25))


def test_nothing_is_covered_where_a_line_is_not_seen() -> None:
    seen = Line.seen_in_part(200, [], [Span(120, 200)])

    taken = seen.cover("X", 60)

    assert taken == [Piece(120, 180, "X", 0)]
    assert seen.free == 20
