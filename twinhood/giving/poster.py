"""The poster's hands: finds gifts that are taken in and not posted, and lays them on the line.

A gift is posted if its entry stands in the books, and nothing else says so: neither a crash nor a
restored backup can make the two disagree. To find what is left without reading all gifts, `Mark`
keeps a floor: every gift up to that id is posted. A gift gets its id before it is committed, so a
lower id may come later; the floor only rises over ids that no transaction can still bring.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Max

from twinhood.giving.models import Gift, Mark
from twinhood.giving.rails import RAILS
from twinhood.kit import clock
from twinhood.ledger import actions as ledger
from twinhood.people.models import Partnership

ID_MAX = 2**63 - 1
FIND = """
SELECT partnership_id, array_agg(id ORDER BY id)
  FROM (SELECT id, partnership_id FROM giving_unposted WHERE id > %s AND id <= %s
         ORDER BY id LIMIT %s) AS found
 GROUP BY partnership_id ORDER BY min(id)
"""
# Asked again whether they are posted: another poster may have had the books' lock before us. The
# limits keep each lookup by itself, and `+ 0` on the index that begins with the key, whatever the
# planner believes of tables that were empty a moment ago.
POST = """
WITH batch AS MATERIALIZED (
  SELECT gift.* FROM unnest(%(ids)s::bigint[]) AS chosen (id)
   CROSS JOIN LATERAL (SELECT * FROM giving_gift WHERE id = chosen.id LIMIT 1) AS gift
    LEFT JOIN LATERAL (
      SELECT true AS stands FROM ledger_entry entry
       WHERE entry.key = 'gift:' || gift.ref AND entry.partnership_id + 0 = gift.partnership_id
       LIMIT 1
    ) AS entry ON true
   WHERE entry.stands IS NULL
), links AS (
  INSERT INTO giving_link (secret_hash, gift_id)
  SELECT secret_hash, id FROM batch ORDER BY id ON CONFLICT (secret_hash) DO NOTHING
)
SELECT ledger_post_gifts(%(partnership)s, array_agg(
  ('gift:' || batch.ref, fund_id, currency, batch.rail, rails.account, amount_minor, fee_minor,
   greatest(settled_at, %(open_from)s::timestamptz), donor_commitment)::ledger_income
   ORDER BY batch.id), %(at)s)
  FROM batch LEFT JOIN unnest(%(rails)s::text[], %(accounts)s::text[]) AS rails (code, account)
    ON rails.code = batch.rail
"""
# Whoever writes gifts holds this lock from before the gift has its id until it is committed.
WRITERS = """
SELECT DISTINCT virtualtransaction FROM pg_locks
 WHERE locktype = 'relation' AND relation = 'giving_gift'::regclass
   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()
"""
LAST_ID = "SELECT pg_sequence_last_value(pg_get_serial_sequence('giving_gift', 'id')::regclass)"
FIRST_UNPOSTED = "SELECT min(id) FROM giving_unposted WHERE id > %s AND id <= %s"


@dataclass(frozen=True, slots=True)
class Found:
    """Gifts to post: their ids, ascending, by partnership; `last_id` is the highest."""

    by_partnership: tuple[tuple[int, tuple[int, ...]], ...]

    def __bool__(self) -> bool:
        return bool(self.by_partnership)

    @property
    def count(self) -> int:
        return sum(len(ids) for _, ids in self.by_partnership)

    @property
    def last_id(self) -> int:
        return max((ids[-1] for _, ids in self.by_partnership), default=0)


def highest_id() -> int:
    return Gift.objects.aggregate(highest=Max("id"))["highest"] or 0


def floor() -> int:
    """The id up to which every gift is posted."""
    return Mark.objects.values_list("floor", flat=True).first() or 0


def find(after_id: int, limit: int, up_to_id: int = ID_MAX) -> Found:
    """The first `limit` unposted gifts whose id is above `after_id` and at most `up_to_id`."""
    with connection.cursor() as cursor:
        cursor.execute(FIND, [after_id, up_to_id, limit])
        return Found(tuple((partnership_id, tuple(ids)) for partnership_id, ids in cursor))


@transaction.atomic
def post(partnership_id: int, ids: Sequence[int]) -> int:
    """Post those of these gifts that are not posted yet, in order of their ids, or none.

    The books are locked in a statement of its own before the gifts are read; so a second poster
    waits there, and then sees what the first posted. A gift that settled in a month which was
    closed meanwhile is dated on the first day that is open.
    """
    books = ledger.lock_books(Partnership.objects.get(pk=partnership_id))
    with connection.cursor() as cursor:
        cursor.execute(
            POST,
            {
                "ids": list(ids),
                "partnership": partnership_id,
                "at": clock.now(),
                "open_from": books.closed_before_at,
                "rails": [rail.code for rail in RAILS],
                "accounts": [rail.account for rail in RAILS],
            },
        )
        (posted,) = cursor.fetchone()
    return int(posted)


@transaction.atomic
def raise_floor() -> int:
    """Let the floor rise as far as is known to be posted; return it. Another at it goes first."""
    Mark.objects.bulk_create([Mark()], ignore_conflicts=True)
    mark = Mark.objects.select_for_update(skip_locked=True).first()
    if mark is None:
        return floor()
    if not _writers() & set(mark.writers):
        mark.floor = _posted_up_to(mark.floor, mark.next_floor)
    if mark.floor == mark.next_floor:
        # First the id, then who writes: who has a lower id is then among these, or has ended.
        mark.next_floor = max(mark.floor, _last_id())
        mark.writers = sorted(_writers())
        if not mark.writers:
            mark.floor = _posted_up_to(mark.floor, mark.next_floor)
    mark.save()
    return mark.floor


def _posted_up_to(low: int, high: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(FIRST_UNPOSTED, [low, high])
        (first,) = cursor.fetchone()
    return high if first is None else first - 1


def _last_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute(LAST_ID)
        (last,) = cursor.fetchone()
    return last or 0


def _writers() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(WRITERS)
        return {writer for (writer,) in cursor}
