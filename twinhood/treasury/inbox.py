"""The treasurer's inbox: everything about money that needs a person, the oldest first.

Nothing is stored: each item follows from the rows of the rooms below, and is gone when its cause
is. Of a kind that has many only the oldest are listed, and the rest counted.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import get_language, gettext

from twinhood.giving.models import (
    Dispute,
    Donor,
    InKindGift,
    Payout,
    Reallocation,
    RecurringGift,
    RefundRequest,
)
from twinhood.giving.notices import with_problems
from twinhood.giving.queries import unposted
from twinhood.giving.receipt_rows import DUE, rows_of
from twinhood.giving.words import notice_problem
from twinhood.kit import clock
from twinhood.kit.dates import long_date, month_words
from twinhood.kit.money import format_money
from twinhood.people.models import Partnership
from twinhood.treasury import closing
from twinhood.treasury.models import ClosedMonth, StatementFile, StatementLine

# Of one kind so many are listed.
LISTED_MAX = 20
# A gift is posted within moments; one that waits so long waits for a person.
UNPOSTED_AGE = timedelta(minutes=10)
# The month's end is a task from so many days after it on.
MONTH_END_DAYS = 5


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to look at: since when (UTC), what, why, and the page where it is mended."""

    kind: str
    since: datetime
    title: str
    why: str
    url: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """Items, the oldest first, and how many of each kind are not listed."""

    items: list[Item]
    more: dict[str, int]


def inbox(partnership: Partnership) -> Inbox:
    """What waits for the treasurer of a partnership."""
    items: list[Item] = []
    more: dict[str, int] = {}
    for kind, find in SOURCES.items():
        found = list(_first(find(partnership), LISTED_MAX + 1))
        items += found[:LISTED_MAX]
        if len(found) > LISTED_MAX:
            more[kind] = LISTED_MAX
    return Inbox(sorted(items, key=lambda item: item.since), more)


def _first(found: Iterator[Item], count: int) -> Iterator[Item]:
    for _, item in zip(range(count), found, strict=False):
        yield item


def _page(name: str, partnership: Partnership, *args: object) -> str:
    return reverse(name, args=[partnership.slug, *args])


def _money(amount_minor: int, currency: str) -> str:
    return format_money(amount_minor, currency, get_language() or "en")


def _month(day: date) -> str:
    return month_words(day, get_language() or "en")


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)


def _oldest[M: models.Model](found: models.QuerySet[M], by: str) -> Iterator[M]:
    """The first rows, and one more, so that the caller sees that there are more."""
    return iter(found.order_by(by, "pk")[: LISTED_MAX + 1])


def _notices(partnership: Partnership) -> Iterator[Item]:
    for notice in _oldest(with_problems(partnership), "arrived_at"):
        yield Item(
            "notice",
            notice.arrived_at,
            gettext("A notice could not be handled: %(kind)s") % {"kind": notice.kind},
            notice_problem(notice.problem),
            _page("giving:notices", partnership),
        )


def _unposted(partnership: Partnership) -> Iterator[Item]:
    waiting = unposted(partnership)
    if waiting.oldest_at is not None and clock.now() - waiting.oldest_at > UNPOSTED_AGE:
        yield Item(
            "unposted",
            waiting.oldest_at,
            gettext("Gifts that are not posted: %(count)d") % {"count": waiting.count},
            gettext("They should be in the books within moments. See whether the worker runs."),
            _page("giving:gifts", partnership) + "?stage=settled",
        )


def _lines(partnership: Partnership) -> Iterator[Item]:
    lines = StatementLine.objects.filter(
        account__partnership=partnership, state=StatementLine.State.OPEN
    ).select_related("account")
    for line in _oldest(lines, "booked_date"):
        yield Item(
            "line",
            _noon(line.booked_date),
            gettext("A bank line that nobody has explained: %(amount)s")
            % {"amount": _money(line.open_minor, line.account.currency)},
            str(line.account),
            _page("treasury:bank_line", partnership, line.pk),
        )


def _held_files(partnership: Partnership) -> Iterator[Item]:
    files = StatementFile.objects.filter(partnership=partnership, state=StatementFile.State.HELD)
    for file in _oldest(files, "uploaded_at"):
        yield Item(
            "file",
            file.uploaded_at,
            gettext("A statement that is held: %(name)s") % {"name": file.name},
            gettext("It does not add up, or does not follow the one before."),
            _page("treasury:bank", partnership),
        )


def _recurring(partnership: Partnership) -> Iterator[Item]:
    failing = RecurringGift.objects.filter(
        pledge__partnership=partnership, state=RecurringGift.State.FAILING
    ).select_related("pledge")
    for gift in _oldest(failing, "changed_at"):
        yield Item(
            "recurring",
            gift.changed_at,
            gettext("A monthly gift fails: %(amount)s")
            % {"amount": _money(gift.amount_minor, gift.currency)},
            gettext("The rail tries again; the donor was told how to mend it."),
            _page("giving:gifts", partnership),
        )


def _disputes(partnership: Partnership) -> Iterator[Item]:
    found = Dispute.objects.filter(
        gift__partnership=partnership, won_at=None, lost_at=None, opened_at__isnull=False
    ).select_related("gift")
    for dispute in _oldest(found, "opened_at"):
        due = long_date(dispute.due_date, get_language() or "en") if dispute.due_date else ""
        yield Item(
            "dispute",
            dispute.opened_at or dispute.gift.settled_at,
            gettext("A bank disputes a gift: %(amount)s")
            % {"amount": _money(dispute.amount_minor or 0, dispute.gift.currency)},
            gettext("Answer by %(day)s.") % {"day": due} if due else gettext("No date is known."),
            _page("giving:disputes", partnership, dispute.gift.ref),
        )


def _unbooked(partnership: Partnership) -> Iterator[Item]:
    found = Dispute.objects.filter(
        gift__partnership=partnership, unbooked_minor__gt=0, lost_at__isnull=False
    ).select_related("gift")
    for dispute in _oldest(found, "lost_at"):
        yield Item(
            "unbooked",
            dispute.lost_at or dispute.gift.settled_at,
            gettext("A bank took more than was left of a gift: %(amount)s")
            % {"amount": _money(dispute.unbooked_minor, dispute.gift.currency)},
            gettext("The gift was given back before. Claim it from the bank."),
            _page("giving:gift", partnership, dispute.gift.ref),
        )


def _bounced(partnership: Partnership) -> Iterator[Item]:
    """Donors whom no letter reaches; by their latest gift, since they have no page of their own."""
    donors = Donor.objects.filter(
        partnership=partnership, bounced_at__isnull=False, sealed__isnull=False
    )
    for donor in _oldest(donors, "bounced_at"):
        gift = donor.gifts.order_by("-id").first()
        url = (
            _page("giving:gift", partnership, gift.ref)
            if gift
            else _page("giving:gifts", partnership)
        )
        yield Item(
            "bounced",
            donor.bounced_at or donor.created_at,
            gettext("Letters to a donor come back"),
            gettext("Ask for another address, by telephone or post."),
            url,
        )


def _refunds(partnership: Partnership) -> Iterator[Item]:
    waiting = RefundRequest.objects.filter(
        gift__partnership=partnership, state=RefundRequest.State.PROPOSED
    ).select_related("gift", "proposed_by")
    for request in _oldest(waiting, "proposed_at"):
        yield Item(
            "refund",
            request.proposed_at,
            gettext("A refund waits for a second person: %(amount)s")
            % {"amount": _money(request.amount_minor, request.gift.currency)},
            gettext("Proposed by %(name)s") % {"name": request.proposed_by},
            _page("giving:refund_request", partnership, request.gift.ref),
        )


def _receipts(partnership: Partnership) -> Iterator[Item]:
    """Gifts of known donors that have no receipt a day later: a fact is missing."""
    today = clock.today_in(partnership.giving_place.time_zone)
    rows = rows_of(DUE, after=0, partnership=partnership.pk, limit=LISTED_MAX + 1)
    for row in rows:
        if row.received_date >= today - timedelta(days=1):
            continue
        yield Item(
            "receipt",
            _noon(row.received_date),
            gettext("A gift without a receipt: %(amount)s")
            % {"amount": _money(row.amount_minor, row.currency)},
            gettext("A fact that the receipt must state is missing."),
            _page("giving:gift", partnership, row.ref),
        )


def _payouts(partnership: Partnership) -> Iterator[Item]:
    wrong = Payout.objects.filter(
        ~Q(amount_minor=models.F("parts_minor")), parts__gift__partnership=partnership
    ).distinct()
    for payout in _oldest(wrong, "read_at"):
        yield Item(
            "payout",
            payout.read_at,
            gettext("A payout that does not add up: %(amount)s")
            % {"amount": _money(payout.unexplained_minor, payout.currency)},
            str(payout),
            _page("treasury:bank", partnership),
        )


def _things(partnership: Partnership) -> Iterator[Item]:
    waiting = InKindGift.objects.filter(
        partnership=partnership, handed_over_date=None, undone_at=None
    )
    for gift in _oldest(waiting, "received_date"):
        yield Item(
            "thing",
            _noon(gift.received_date),
            gettext("Given in kind, not handed over: %(what)s") % {"what": gift.description},
            gettext("Record the act when it has arrived."),
            _page("giving:thing", partnership, gift.ref),
        )


def _reallocations(partnership: Partnership) -> Iterator[Item]:
    states = (Reallocation.State.ASKED, Reallocation.State.CHOOSING)
    found = Reallocation.objects.filter(partnership=partnership, state__in=states)
    today = clock.today_in(partnership.giving_place.time_zone)
    for one in _oldest(found.select_related("need"), "asked_at"):
        if one.state == Reallocation.State.ASKED:
            why = gettext("A second person confirms that it is withdrawn.")
        elif one.deadline_date is not None and one.deadline_date >= today:
            day = long_date(one.deadline_date, get_language() or "en")
            why = gettext("Donors choose until %(day)s.") % {"day": day}
        else:
            why = gettext("The time to choose is over: the board decides about the rest.")
        yield Item(
            "reallocation",
            one.asked_at,
            gettext("Withdrawn after it was funded: %(need)s") % {"need": one.need.title},
            why,
            _page("treasury:reallocation", partnership, one.need.number),
        )


def _months(partnership: Partnership) -> Iterator[Item]:
    month = closing.month_to_close(partnership)
    since = month.ends_at(partnership.giving_place.time_zone)
    has_books = partnership.entries.filter(happened_at__lt=since).exists()
    if has_books and clock.now() > since + timedelta(days=MONTH_END_DAYS):
        yield Item(
            "month",
            since,
            gettext("Month end: %(month)s") % {"month": _month(month.first_day)},
            gettext("It has ended and is not closed."),
            _page("treasury:months", partnership),
        )


def _reopenings(partnership: Partnership) -> Iterator[Item]:
    asked = ClosedMonth.objects.filter(
        partnership=partnership, asked_at__isnull=False, reopened_at=None
    )
    for closed in _oldest(asked, "asked_at"):
        yield Item(
            "reopening",
            closed.asked_at or closed.closed_at,
            gettext("Somebody asks to open a month again: %(month)s")
            % {"month": _month(closed.month_date)},
            closed.reason,
            _page("treasury:months", partnership),
        )


SOURCES: dict[str, Callable[[Partnership], Iterator[Item]]] = {
    "notice": _notices,
    "unposted": _unposted,
    "line": _lines,
    "file": _held_files,
    "recurring": _recurring,
    "dispute": _disputes,
    "unbooked": _unbooked,
    "bounced": _bounced,
    "refund": _refunds,
    "receipt": _receipts,
    "payout": _payouts,
    "thing": _things,
    "reallocation": _reallocations,
    "month": _months,
    "reopening": _reopenings,
}
