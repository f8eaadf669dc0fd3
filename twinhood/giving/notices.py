"""Notices: what rails tell us is stored first, then handled by the worker, and can be replayed.

A notice only says where to look: its rail asks again how the thing is now, so that neither the
order of notices nor their repetition matters.
"""

import logging
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from twinhood.giving import errors
from twinhood.giving.core import sealing
from twinhood.giving.keys import MasterKeys, master_keys
from twinhood.giving.models import Notice, Pledge
from twinhood.giving.rails import BY_CODE
from twinhood.giving.rails.rail import Heard
from twinhood.kit import clock
from twinhood.ledger.errors import LedgerError
from twinhood.people.models import Partnership

logger = logging.getLogger(__name__)

HANDLING_TASK = "giving.handle_notices"
BATCH = 200
TRIES_MAX = 8
# What came is kept, sealed, for as long as somebody may have to look at it again.
BODY_KEPT_DAYS = 90
# A pledge whose rail has said nothing for so long is asked after, and for how long.
LOOK_AFTER = timedelta(minutes=10)
LOOK_FOR = timedelta(days=4)
# How far back lost notices are fetched again.
FETCH_FOR = timedelta(hours=26)
# Outcomes that are known when a notice comes: it is of another account, or of the other mode.
SAID_AT_ONCE = ("other_account", "other_mode")
# This kind of notice needs nothing; another about the same object may.
NEEDS_NO_ANSWER = ("not_needed",)

STORE = """
INSERT INTO giving_notice (rail, rail_ref, kind, about, is_live, sealed_body, arrivals, arrived_at,
                           handled_at, tries, outcome, problem)
VALUES (%s, %s, %s, %s, %s, %s, 1, %s, %s, 0, %s, '')
ON CONFLICT (rail, rail_ref) DO UPDATE SET arrivals = giving_notice.arrivals + 1
RETURNING arrivals, EXISTS (
  SELECT FROM procrastinate_jobs WHERE queueing_lock = %s AND status = 'todo'
)
"""


def store(
    *,
    rail: str,
    rail_ref: str,
    kind: str,
    about: str,
    is_live: bool,
    body: bytes,
    outcome: str = "",
) -> bool:
    """Keep a notice, once, and ask the worker to handle it; False for one that was known.

    With an `outcome` (see SAID_AT_ONCE) nobody is asked. `body` is sealed. Raises
    DonorKeysMissing.
    """
    sealed, at = _sealed(body, rail, master_keys()), clock.now()
    handled_at = at if outcome else None
    values: list[Any] = [rail, rail_ref, kind, about, is_live, sealed, at, handled_at, outcome]
    values.append(HANDLING_TASK)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(STORE, values)
            arrivals, is_asked = cursor.fetchone()
        # In a burst nobody waits for another's asking, or for its own to fail.
        if arrivals == 1 and not outcome and not is_asked:
            ask_for_handling()
    return bool(arrivals == 1)


def _context(rail: str) -> bytes:
    return b"notice:" + rail.encode()


def _sealed(body: bytes, rail: str, keys: MasterKeys) -> bytes:
    nonce = secrets.token_bytes(sealing.NONCE_BYTES)
    return sealing.seal(body, key=keys.wrapping, nonce=nonce, context=_context(rail))


def body_of(notice: Notice) -> bytes:
    """The bytes as they came; empty once they were put away. Raises sealing.NotOurs."""
    if not notice.sealed_body:
        return b""
    sealed = bytes(notice.sealed_body)
    return sealing.unseal(sealed, key=master_keys().wrapping, context=_context(notice.rail))


def ask_for_handling() -> None:
    """Defer the job in this same transaction; one that waits is enough."""
    try:
        with transaction.atomic():
            app.configure_task(HANDLING_TASK, queueing_lock=HANDLING_TASK).defer()
    except AlreadyEnqueued:
        pass


def handle_due(limit: int = BATCH) -> int:
    """Handle notices that wait, oldest first; return how many were looked at.

    Several about one object are one question to the rail. A rail that is down keeps its notices
    waiting.
    """
    waiting = Notice.objects.filter(handled_at__isnull=True).order_by("arrived_at", "id")
    found = list(waiting[:limit])
    down: set[str] = set()
    for notices in _by_object(found):
        if notices[0].rail not in down and not _handle(notices):
            down.add(notices[0].rail)
    return len(found)


def _by_object(found: Iterable[Notice]) -> list[list[Notice]]:
    """Notices that the same question answers, in order of the first of each."""
    groups: dict[tuple[str, str], list[Notice]] = {}
    for notice in found:
        groups.setdefault((notice.rail, notice.about or notice.rail_ref), []).append(notice)
    return list(groups.values())


def _handle(notices: list[Notice]) -> bool:
    """Ask the rail once about the object of these notices; False if it is down."""
    told: Heard | None = None
    for notice in notices:
        try:
            heard = told or _heard(notice)
        except errors.RailDown:
            _wait(notices)
            return False
        except errors.NotPosted:
            return True  # the poster has not come yet; the next run finds it
        if heard.outcome not in NEEDS_NO_ANSWER:
            told = heard
        _note(notice, heard)
    return True


def _heard(notice: Notice) -> Heard:
    """What the rail makes of it; what the rules refuse is a problem for a person."""
    rail = BY_CODE.get(notice.rail)
    if rail is None or rail.hears is None:
        return Heard("not_needed")
    try:
        return rail.hears(notice.kind, notice.about)
    except (errors.RailDown, errors.NotPosted):
        raise
    except (errors.GivingError, LedgerError) as problem:
        code = getattr(problem, "code", "") or _code_of(type(problem).__name__)
        return Heard("held", _pledge_about(notice), code)
    except Exception:
        logger.exception("giving.notice_failed rail=%s ref=%s", notice.rail, notice.rail_ref)
        return Heard("held", _pledge_about(notice), "fault")


def _code_of(name: str) -> str:
    """NoGuarantor → no_guarantor."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_")


def _pledge_about(notice: Notice) -> Pledge | None:
    """Whose it is, where another notice about the same payment or page has said so."""
    if not notice.about:
        return None
    told = Notice.objects.filter(rail=notice.rail, about=notice.about, pledge__isnull=False).first()
    if told is not None:
        return told.pledge
    whose = Q(rail_ref=notice.about) | Q(gift__intake_key=notice.about)
    whose |= Q(recurring__rail_ref=notice.about)
    return Pledge.objects.filter(whose, rail=notice.rail).first()


def _note(notice: Notice, heard: Heard) -> None:
    notice.outcome, notice.problem = heard.outcome, heard.problem[:300]
    notice.pledge = heard.pledge or notice.pledge
    notice.tries += 1
    notice.handled_at = clock.now()
    notice.save(update_fields=["outcome", "problem", "pledge", "tries", "handled_at"])
    if notice.about and not heard.problem and heard.outcome not in NEEDS_NO_ANSWER:
        _close_earlier(notice)
    level = logging.WARNING if heard.problem else logging.INFO
    logger.log(
        level,
        "giving.notice rail=%s ref=%s kind=%s outcome=%s problem=%s",
        notice.rail, notice.rail_ref, notice.kind, heard.outcome, heard.problem,
    )  # fmt: skip


def _close_earlier(notice: Notice) -> None:
    """What an earlier notice of the same object left to a person is answered by now."""
    same = Notice.objects.filter(rail=notice.rail, about=notice.about, handled_at__isnull=False)
    same.exclude(problem="").update(problem="", outcome=notice.outcome)


def _wait(notices: list[Notice]) -> None:
    """The rail does not answer: ask again later, and tell a person when it lasts."""
    ids = [notice.pk for notice in notices]
    Notice.objects.filter(pk__in=ids).update(tries=F("tries") + 1)
    Notice.objects.filter(pk__in=ids, tries__gte=TRIES_MAX).update(problem="rail_down")


def replay(found: QuerySet[Notice]) -> int:
    """Have notices handled anew; return how many."""
    with transaction.atomic():
        chosen = list(found.select_for_update(of=("self",)).values_list("pk", flat=True))
        # What was refused when it came is not asked about: it is not ours to ask.
        again = Notice.objects.filter(pk__in=chosen).exclude(outcome__in=SAID_AT_ONCE)
        count = again.update(handled_at=None, problem="", outcome="", tries=0)
        if count:
            ask_for_handling()
    return count


def to_see(partnership: Partnership) -> QuerySet[Notice]:
    """Notices of a partnership's pledges, and those that belong to nobody's; newest first.

    A notice names no person, only objects at the rail.
    """
    whose = Q(pledge__partnership=partnership) | Q(pledge__isnull=True)
    return (
        Notice.objects.filter(whose).select_related("pledge__gift").order_by("-arrived_at", "-id")
    )


def with_problems(partnership: Partnership) -> QuerySet[Notice]:
    """Those that wait for a person."""
    return to_see(partnership).exclude(problem="")


def look_for_missing(limit: int = 200, *, at: datetime | None = None) -> int:
    """Ask rails how pledges stand whose notice never came; return how many were asked after."""
    at = at or clock.now()
    begun = Pledge.objects.filter(
        state=Pledge.State.STARTED,
        rail__in=[code for code, rail in BY_CODE.items() if rail.hears is not None],
        changed_at__lte=at - LOOK_AFTER,
        changed_at__gte=at - LOOK_FOR,
    )
    found = list(begun.order_by("changed_at")[:limit])
    for pledge in found:
        online = BY_CODE[pledge.rail].online
        try:
            if online is not None:
                online.look(pledge)
        except errors.RailDown:
            break
        except (errors.GivingError, LedgerError) as problem:
            logger.warning("giving.look pledge=%s why=%s", pledge, type(problem).__name__)
    return len(found)


def fetch_missed(*, at: datetime | None = None) -> int:
    """Store notices that a rail sent and we do not have, such as while we were down; how many."""
    since = (at or clock.now()) - FETCH_FOR
    count = 0
    for rail in BY_CODE.values():
        online = rail.online
        if rail.hears is None or online is None or not online.is_ready():
            continue
        try:
            count += sum(store(rail=rail.code, **told) for told in rail.tells(since))
        except errors.RailDown:
            continue
    return count


def put_away_old(*, at: datetime | None = None) -> int:
    """Forget the bytes of notices that were handled long ago; what came of them stays."""
    before = (at or clock.now()) - timedelta(days=BODY_KEPT_DAYS)
    old = Notice.objects.filter(handled_at__lt=before, problem="").exclude(sealed_body=b"")
    return old.update(sealed_body=b"")
