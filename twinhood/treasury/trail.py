"""Who did what: one list over what the rooms keep anyway. Nothing is stored for it.

Each source names the rows, who did it, and when; a trail is the newest of all of them.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

from django.db.models import F, Model, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from twinhood.deliveries.models import Approval, HandoverAct, Order, Payment, SupplierCredit
from twinhood.giving.models import (
    Choice,
    Dispute,
    Gift,
    InKindGift,
    MatchOffer,
    MatchPayment,
    Reallocation,
    Refund,
    RefundRequest,
    ReturnRight,
)
from twinhood.kit.money import major
from twinhood.ledger.models import Entry
from twinhood.needs.models import Need, Verification
from twinhood.people.models import Partnership, Person
from twinhood.treasury.models import ClosedMonth, Decision, Move, StatementFile


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a person did; `why` is in their own words, `amount` a decimal or empty."""

    at: datetime
    person: str
    kind: str
    words: Promise
    about: str
    amount: str
    why: str
    url: str


@dataclass(frozen=True, slots=True)
class Asked:
    """Which acts: of one person, of one kind, before a moment; None and "" mean all."""

    person_id: int | None = None
    kind: str = ""
    since: datetime | None = None
    before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where acts of one kind stand. `who` and `when` are fields of the rows."""

    kind: str
    words: Promise
    rows: Callable[[Partnership], QuerySet[Any]]
    who: str
    when: str
    about: Callable[[Any], str] = str
    amount: Callable[[Any], tuple[int, str] | None] = lambda _row: None
    why: str = ""
    page: Callable[[Any], tuple[str, list[object]] | None] = lambda _row: None

    def acts(self, partnership: Partnership, asked: Asked, count: int) -> Iterator[Act]:
        """The newest `count` acts of this kind, newest first."""
        known = {f"{self.who}__isnull": False, f"{self.when}__isnull": False}
        found = self.rows(partnership).filter(**known).select_related(self.who)
        if asked.person_id is not None:
            found = found.filter(**{f"{self.who}_id": asked.person_id})
        if asked.since is not None:
            found = found.filter(**{f"{self.when}__gte": asked.since})
        if asked.before is not None:
            found = found.filter(**{f"{self.when}__lt": asked.before})
        for row in found.order_by(F(self.when).desc(), "-pk")[:count]:
            yield self._act(row, partnership)

    def _act(self, row: Any, partnership: Partnership) -> Act:
        amount, page = self.amount(row), self.page(row)
        return Act(
            at=_field(row, self.when),
            person=str(_field(row, self.who)),
            kind=self.kind,
            words=self.words,
            about=self.about(row),
            amount=f"{major(*amount):f} {amount[1]}" if amount else "",
            why=str(_field(row, self.why)) if self.why else "",
            url=reverse(page[0], args=[partnership.slug, *page[1]]) if page else "",
        )


def _field(row: Model, path: str) -> Any:
    value: Any = row
    for name in path.split("__"):
        value = getattr(value, name)
    return value


def _of[M: Model](
    model: type[M], path: str = "partnership", *related: str
) -> Callable[[Partnership], QuerySet[M]]:
    """Rows of a partnership, by the path that leads to it."""

    def rows(partnership: Partnership) -> QuerySet[M]:
        found = model._default_manager.filter(**{path: partnership})
        return found.select_related(*related) if related else found

    return rows


def _moves(partnership: Partnership) -> QuerySet[Move]:
    """Moves with the moment of their entries."""
    entries = Entry.objects.filter(partnership=OuterRef("partnership"), key=OuterRef("key"))
    posted_at = Subquery(entries.values("posted_at")[:1])
    return Move.objects.filter(partnership=partnership).annotate(at=posted_at)


def _gift_page(row: Any) -> tuple[str, list[object]]:
    return "giving:gift", [row.ref]


def _gifts_page(row: Any) -> tuple[str, list[object]]:
    return "giving:gift", [row.gift.ref]


def _order_page(row: Any) -> tuple[str, list[object]]:
    return "deliveries:order", [getattr(row, "order", row).number]


def _need_page(row: Any) -> tuple[str, list[object]]:
    return "needs:desk_need", [getattr(row, "need", row).number]


def _thing_page(row: Any) -> tuple[str, list[object]]:
    return "giving:thing", [row.ref]


def _months_page(_row: Any) -> tuple[str, list[object]]:
    return "treasury:months", []


def _line_page(row: Any) -> tuple[str, list[object]]:
    return "treasury:bank_line", [row.line_id]


def _withdrawn_page(row: Any) -> tuple[str, list[object]]:
    return "treasury:reallocation", [row.need.number]


def _given(row: Any) -> tuple[int, str]:
    return row.amount_minor, row.currency


SOURCES: Sequence[Source] = (
    Source("gift", _("entered a gift"), _of(Gift), "entered_by", "settled_at",
           amount=_given, page=_gift_page),
    Source("refund", _("proposed a refund"), _of(RefundRequest, "gift__partnership", "gift"),
           "proposed_by", "proposed_at", about=lambda r: r.gift.ref,
           amount=lambda r: (r.amount_minor, r.gift.currency), why="reason", page=_gifts_page),
    Source("refund", _("confirmed a refund"), _of(RefundRequest, "gift__partnership", "gift"),
           "confirmed_by", "confirmed_at", about=lambda r: r.gift.ref,
           amount=lambda r: (r.amount_minor, r.gift.currency), page=_gifts_page),
    Source("refund", _("refunded a gift"), _of(Refund, "gift__partnership", "gift"),
           "refunded_by", "refunded_at",
           amount=lambda r: (r.line_minor + r.operating_minor, r.gift.currency),
           why="reason", page=_gifts_page),
    Source("dispute", _("recorded a dispute"), _of(Dispute, "gift__partnership", "gift"),
           "recorded_by", "opened_at", about=lambda r: r.gift.ref, why="reason",
           page=_gifts_page),
    Source("thing", _("entered a thing given in kind"), _of(InKindGift), "entered_by",
           "entered_at", amount=lambda r: (r.value_minor, r.currency), page=_thing_page),
    Source("thing", _("took the entry of a thing back"), _of(InKindGift), "undone_by",
           "undone_at", why="undo_reason", page=_thing_page),
    Source("matching", _("recorded a matcher’s offer"), _of(MatchOffer), "recorded_by",
           "recorded_at", about=lambda r: str(r.sentence),
           amount=lambda r: (r.cap_minor, r.currency)),
    Source("matching", _("linked a matcher’s payment"),
           _of(MatchPayment, "offer__partnership", "gift"), "linked_by", "linked_at",
           about=lambda r: r.gift.ref, page=_gifts_page),
    Source("withdrawn", _("asked to withdraw a funded need"),
           _of(Reallocation, "partnership", "need"), "asked_by", "asked_at",
           about=lambda r: str(r.need), why="reason", page=_withdrawn_page),
    Source("withdrawn", _("decided about a withdrawal"),
           _of(Reallocation, "partnership", "need"), "decided_by", "decided_at",
           about=lambda r: str(r.need), page=_withdrawn_page),
    Source("withdrawn", _("recorded the board’s resolution"),
           _of(Reallocation, "partnership", "need"), "proposed_by", "proposed_at",
           about=lambda r: str(r.need), why="resolution", page=_withdrawn_page),
    Source("withdrawn", _("moved what was left of a withdrawn need"),
           _of(Reallocation, "partnership", "need"), "resolved_by", "resolved_at",
           about=lambda r: str(r.need), page=_withdrawn_page),
    Source("withdrawn", _("wrote down what a donor chose"),
           _of(Choice, "reallocation__partnership", "gift"), "recorded_by", "chosen_at",
           about=lambda r: r.gift.ref, page=_gifts_page),
    Source("withdrawn", _("marked a grant with a right of return"),
           _of(ReturnRight, "gift__partnership", "gift"), "recorded_by", "recorded_at",
           about=lambda r: r.gift.ref, why="terms", page=_gifts_page),
    Source("move", _("moved money between funds"), _moves, "moved_by", "at",
           about=lambda r: r.key, why="reason"),
    Source("bank", _("uploaded a statement"), _of(StatementFile), "uploaded_by", "uploaded_at"),
    Source("bank", _("decided about a bank line"),
           _of(Decision, "line__account__partnership"), "person", "at",
           about=lambda r: r.key or str(r), why="reason", page=_line_page),
    Source("month", _("closed a month"), _of(ClosedMonth), "closed_by", "closed_at", why="note",
           page=_months_page),
    Source("month", _("asked to open a month again"), _of(ClosedMonth), "asked_by", "asked_at",
           why="reason", page=_months_page),
    Source("month", _("agreed to open a month again"), _of(ClosedMonth), "reopened_by",
           "reopened_at", page=_months_page),
    Source("need", _("wrote a need"), _of(Need), "written_by", "written_at", page=_need_page),
    Source("need", _("verified a need"), _of(Verification, "need__partnership", "need"),
           "verified_by", "verified_at", about=lambda r: str(r.need), page=_need_page),
    Source("order", _("proposed an order"), _of(Order), "proposed_by", "proposed_at",
           page=_order_page),
    Source("order", _("approved an order"), _of(Approval, "order__partnership", "order"),
           "approved_by", "approved_at", about=lambda r: str(r.order), page=_order_page),
    Source("order", _("refused an order"), _of(Order), "refused_by", "refused_at",
           why="refuse_reason", page=_order_page),
    Source("order", _("paid a supplier"), _of(Payment, "order__partnership", "order"), "paid_by",
           "paid_at", about=lambda r: str(r.order), page=_order_page),
    Source("order", _("recorded a supplier’s credit"),
           _of(SupplierCredit, "unit__order__partnership", "unit__order"), "recorded_by",
           "credited_at", about=lambda r: str(r.unit.order),
           page=lambda r: ("deliveries:order", [r.unit.order.number])),
    Source("hand_over", _("recorded a hand-over"), _of(HandoverAct), "recorded_by",
           "recorded_at", why="correction_reason"),
    Source("hand_over", _("withdrew an act of hand-over"), _of(HandoverAct), "withdrawn_by",
           "withdrawn_at", why="withdrawal_reason"),
)  # fmt: skip
KINDS = {
    "gift": _("Gifts"),
    "refund": _("Refunds"),
    "dispute": _("Disputes"),
    "thing": _("Given in kind"),
    "matching": _("Matching"),
    "withdrawn": _("Withdrawn needs"),
    "move": _("Moves between funds"),
    "bank": _("Bank"),
    "month": _("Month end"),
    "need": _("Needs"),
    "order": _("Orders"),
    "hand_over": _("Hand-overs"),
}


def trail(partnership: Partnership, asked: Asked, count: int) -> list[Act]:
    """The newest `count` acts, newest first."""
    chosen = [source for source in SOURCES if asked.kind in ("", source.kind)]
    each = [source.acts(partnership, asked, count) for source in chosen]
    return list(islice(merge(*each, key=lambda act: act.at, reverse=True), count))


def people_of(partnership: Partnership) -> QuerySet[Person]:
    """Whoever has or had a role here."""
    return Person.objects.filter(roles__partnership=partnership).distinct().order_by("name", "pk")
