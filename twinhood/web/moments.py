"""Donors are told of the moments that matter: bought, handed over, what became of it.

What is not public yet is told to nobody: everything here goes through `public_unit_names`, when a
moment is written down and once more when a letter is written. A donor gets at most one letter a
day, with all moments of that day in it, however many gifts they gave.

Set-based: a thing of fifty thousand donors is told in batches of two thousand gifts, each one
transaction of two statements, and a break is gone on with.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import translation

from twinhood.deliveries.core.publicity import PublicState
from twinhood.deliveries.models import HandoverLine, Order, Unit
from twinhood.deliveries.queries import PublicUnit, public_unit_names
from twinhood.giving import letters
from twinhood.giving.models import Mail, Moment
from twinhood.kit import clock
from twinhood.kit.money import format_money
from twinhood.ledger.queries import GiftShare, freed_by, gifts_of
from twinhood.people.models import Partnership
from twinhood.web import afterwards

LETTER = "moments"
KIND = Moment.Kind
# What happened longer ago, as before a first start, is told to nobody any more.
WINDOW_DAYS = 30
YEAR_DAYS = 365
AFTERWARDS = (KIND.FOLLOW_UP, KIND.INCIDENT, KIND.CREDITED)
BATCH = 2_000
# One job works for so long and then lets others run.
JOB_S = 20.0
# When letters of news leave, on the giving city's clocks.
SENT_AT = time(9, 0)
# So many moments a letter names, and so many things of one order.
NAMED_MAX = 20
THINGS_MAX = 5


# --- finding moments


def find() -> list[Moment]:
    """Write down what has become public since the last look; return it."""
    at = clock.now()
    found = [
        Moment(partnership=partnership, kind=kind, about=about, happened_date=day)
        for partnership in Partnership.objects.order_by("id")
        for kind, about, day in _new(partnership, at)
    ]
    for moment in found:
        Moment.objects.bulk_create([moment], ignore_conflicts=True)
    return found


type Happened = tuple[Moment.Kind, str, date]


def _new(partnership: Partnership, at: datetime) -> Iterator[Happened]:
    yield from _bought(partnership, at)
    today = at.date()
    since = today - timedelta(days=WINDOW_DAYS)
    public = Q(act__public_from_date__gt=since, act__public_from_date__lte=today)
    yield from _handed_over(partnership, at, KIND.HANDED_OVER, public)
    year, year_since = today - timedelta(days=YEAR_DAYS), since - timedelta(days=YEAR_DAYS)
    long_ago = Q(act__handed_over_date__gt=year_since, act__handed_over_date__lte=year)
    yield from _handed_over(partnership, at, KIND.A_YEAR, long_ago)
    yield from _afterwards(partnership, at)


def _bought(partnership: Partnership, at: datetime) -> Iterator[Happened]:
    """Orders placed lately whose need anybody may read; the others wait until it may be."""
    since = at - timedelta(days=WINDOW_DAYS)
    placed = Order.objects.filter(partnership=partnership, state=Order.State.PLACED)
    lately = placed.filter(placed_at__gt=since, placed_at__lte=at).order_by("number")
    told = set(_told(partnership, KIND.BOUGHT))
    for order in lately:
        if order.key in told or order.placed_at is None:
            continue
        if things_of(partnership, KIND.BOUGHT, order.key, at):
            yield KIND.BOUGHT, order.key, order.placed_at.date()


def _handed_over(
    partnership: Partnership, at: datetime, kind: Moment.Kind, when: Q
) -> Iterator[Happened]:
    lines = HandoverLine.objects.filter(when, act__partnership=partnership)
    known = Moment.objects.filter(
        partnership=partnership, kind=kind, about=OuterRef("standing_unit__code")
    )
    new = lines.filter(
        ~Exists(known),
        act__completed_at__isnull=False,
        act__is_pulled_back=False,
        standing_unit__cancelled_at=None,
        standing_unit__isnull=False,
    )
    rows = new.order_by("act__number", "standing_unit__number").values_list(
        "standing_unit__code", "act__handed_over_date"
    )
    days = dict(rows)
    public = public_unit_names(partnership, at, set(days)) if days else {}
    for code, day in days.items():
        if public[code].state == PublicState.HANDED_OVER:
            yield kind, code, day


def _afterwards(partnership: Partnership, at: datetime) -> Iterator[Happened]:
    """Answers, incidents and credits of the last days; those of a hidden thing wait for it."""
    since = at - timedelta(days=WINDOW_DAYS)
    told = {kind: set(_told(partnership, kind)) for kind in AFTERWARDS}
    for kind, about, day in afterwards.new(partnership, since, at):
        if about not in told[kind] and things_of(partnership, kind, about, at):
            yield kind, about, day


def _told(partnership: Partnership, kind: Moment.Kind) -> QuerySet[Moment, str]:
    found = Moment.objects.filter(partnership=partnership, kind=kind)
    return found.values_list("about", flat=True)


def things_of(partnership: Partnership, kind: str, about: str, at: datetime) -> list[PublicUnit]:
    """The things of a moment that anybody may know of at `at`; none where it is not public."""
    if kind == KIND.BOUGHT:
        number = int(about.rpartition("-")[2])
        units = Unit.objects.filter(order__partnership=partnership, order__number=number)
        codes = set(units.filter(cancelled_at=None).values_list("code", flat=True))
    else:
        codes = afterwards.codes_of(partnership, about)
    if kind in AFTERWARDS:
        known = public_unit_names(partnership, at, codes).values()
        # What went wrong with an order says nothing of a thing that is kept back.
        is_open = afterwards.is_of_order(about)
        readable = [unit for unit in known if unit.need_number is not None]
        return [unit for unit in readable if is_open or afterwards.is_told(kind, unit)]
    wanted = {PublicState.HANDED_OVER}
    if kind == KIND.BOUGHT:
        wanted |= {PublicState.BOUGHT}
    found = public_unit_names(partnership, at, codes).values() if codes else []
    return [unit for unit in found if unit.need_number is not None and unit.state in wanted]


# --- telling donors


def tell(*, seconds: float = JOB_S) -> bool:
    """Put what is written down into donors' letters of the day; False if time ran out before."""
    until = monotonic() + seconds
    for moment in Moment.objects.filter(told_at__isnull=True).order_by("id"):
        while not tell_on(moment):
            if monotonic() >= until:
                return False
    return True


@transaction.atomic
def tell_on(moment: Moment, limit: int = BATCH) -> bool:
    """Tell the next donors of a moment; True once all are told. Each is told once.

    Asked again after a break, it goes on with the cent after the last one.
    """
    related = ("partnership__giving_place",)
    locked = Moment.objects.select_for_update(of=("self",)).select_related(*related)
    moment = locked.get(pk=moment.pk)
    if moment.told_at is not None:
        return True
    at = clock.now()
    things = things_of(moment.partnership, moment.kind, moment.about, at)
    if not things:  # it was taken out of the public again meanwhile
        moment.withdrawn_at = moment.told_at = at
        moment.save(update_fields=["withdrawn_at", "told_at"])
        return True
    shares = _shares(moment, things, limit)
    _write(moment, shares, _due_at(moment.partnership, at))
    if shares:
        moment.told_minor = shares[-1].offset_minor + shares[-1].amount_minor
    if len(shares) < limit:
        moment.told_at = at
    moment.save(update_fields=["told_minor", "told_at"])
    return moment.told_at is not None


def _shares(moment: Moment, things: Sequence[PublicUnit], limit: int) -> list[GiftShare]:
    """Whose cents a moment is about, the next ones that were not told."""
    if part := afterwards.part_of(moment):
        return freed_by(
            partnership=moment.partnership, key=part.key, after_minor=moment.told_minor, limit=limit
        )
    is_of_order = moment.kind == KIND.BOUGHT or afterwards.is_of_order(moment.about)
    return gifts_of(
        partnership=moment.partnership,
        order_key=things[0].order_key,
        unit=None if is_of_order else things[0].code,
        after_minor=moment.told_minor,
        limit=limit,
        as_of=_paid_as_of(moment, things),
    )


def _paid_as_of(moment: Moment, things: Sequence[PublicUnit]) -> datetime | None:
    """Whose cents count: those in them now, or of what was cancelled those of before."""
    if moment.kind not in AFTERWARDS:
        return None
    return afterwards.before_they_were_cancelled([thing.code for thing in things])


def _due_at(partnership: Partnership, at: datetime) -> datetime:
    """The next time that letters of news leave: nine o'clock of the giving city."""
    zone = ZoneInfo(partnership.giving_place.time_zone)
    local = at.astimezone(zone)
    day = local.date() + timedelta(days=local.time() >= SENT_AT)
    return datetime.combine(day, SENT_AT, zone)


# A letter of the day waits until nine o'clock, and until then takes in what else happens.
WRITE = """
INSERT INTO giving_mail (donor_id, kind, key, facts, state, tries, due_at, message_id, problem)
SELECT d.id, 'moments', 'moments:' || d.id || ':' || %(day)s,
       jsonb_build_object('moments', jsonb_build_object(%(moment)s::text, sum(share.amount))),
       'waiting', 0, %(due_at)s, '', ''
  FROM unnest(%(refs)s::text[], %(amounts)s::bigint[]) AS share (ref, amount)
  JOIN giving_gift g ON g.ref = share.ref
  JOIN giving_donor d ON d.id = g.donor_id
 WHERE d.wants_news AND d.sealed IS NOT NULL AND d.email_index IS NOT NULL
   AND d.bounced_at IS NULL
 GROUP BY d.id
ON CONFLICT (key) DO UPDATE SET facts = jsonb_set(
         giving_mail.facts, ARRAY['moments', %(moment)s::text],
         to_jsonb(coalesce((giving_mail.facts #>> ARRAY['moments', %(moment)s::text])::bigint, 0)
                  + (excluded.facts #>> ARRAY['moments', %(moment)s::text])::bigint))
 WHERE giving_mail.state = 'waiting'
"""


def _write(moment: Moment, shares: Sequence[GiftShare], due_at: datetime) -> None:
    amounts: dict[str, int] = {}
    for share in shares:
        # Money that a bank gave back after a dispute is the gift's.
        kind, _, ref = share.key.partition(":back-")[0].partition(":")
        if kind == "gift":
            amounts[ref] = amounts.get(ref, 0) + share.amount_minor
    if not amounts:
        return
    values: dict[str, Any] = {
        "day": due_at.date().isoformat(),
        "moment": str(moment.pk),
        "due_at": due_at,
        "refs": list(amounts),
        "amounts": list(amounts.values()),
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE, values)


# --- the letter


@dataclass(frozen=True, slots=True)
class Line:
    """One moment as a letter tells it: `things` in the donor's language, with an address each."""

    kind: str
    day: date
    amount: str
    things: Sequence[tuple[str, str]]
    more: int
    what: str = ""


def _tell(mail: Mail) -> letters.Told | None:
    """What the letter says, as far as it is public when it is sent; None if nothing is any more."""
    amounts = {int(pk): int(minor) for pk, minor in mail.facts["moments"].items()}
    found = Moment.objects.filter(pk__in=amounts).select_related("partnership")
    moments = found.order_by("happened_date", "id")[:NAMED_MAX]
    lines = [line for m in moments if (line := _line(m, amounts[m.pk])) is not None]
    if not lines:
        return None
    language = translation.get_language() or "en"
    kinds = {line.kind for line in lines}
    return letters.Told(
        {
            "lines": lines,
            "kind": kinds.pop() if len(kinds) == 1 else "",
            "things": ", ".join(name for line in lines for name, _ in line.things),
            "place_url": letters.url("giver:enter", language),
        }
    )


def _line(moment: Moment, amount_minor: int) -> Line | None:
    language = translation.get_language() or "en"
    things = _things_now(moment)
    if not things:
        return None
    return Line(
        kind=moment.kind,
        day=moment.happened_date,
        amount=format_money(amount_minor, things[0].currency, language),
        things=list(_named(moment.partnership, things[:THINGS_MAX], language)),
        more=max(0, len(things) - THINGS_MAX),
        what=afterwards.words_of(moment, things[0]) if moment.kind in AFTERWARDS else "",
    )


def _named(
    partnership: Partnership, things: Iterable[PublicUnit], language: str
) -> Iterator[tuple[str, str]]:
    for unit in things:
        name, _ = unit.name.in_language(language)
        address = letters.url("deliveries:unit", language, slug=partnership.slug, code=unit.code)
        yield name, address


# Fifty thousand letters of one moment read its things once in some seconds, not each time.
FRESH_S = 5.0
_read: dict[int, tuple[float, list[PublicUnit]]] = {}


def _things_now(moment: Moment) -> list[PublicUnit]:
    read_at, things = _read.get(moment.pk, (0.0, []))
    if monotonic() - read_at > FRESH_S or not read_at:
        things = things_of(moment.partnership, moment.kind, moment.about, clock.now())
        if len(_read) > 1_000:
            _read.clear()
        _read[moment.pk] = (monotonic(), things)
    return things


letters.KINDS[LETTER] = letters.Kind(is_news=True, tell=_tell)
