"""Whoever gave for one need alone reads it in a letter when that need is changed later.

A change is written by the needs' room, which knows no donors; the worker looks for changes that
were made and tells of each once, when the world may read the need.
"""

import logging
from datetime import timedelta
from itertools import batched

from django.db import transaction
from django.utils.translation import get_language

from twinhood.giving import letters, queries
from twinhood.giving.models import ChangeTold, Gift, Mail
from twinhood.kit import clock
from twinhood.needs.models import Change, Need
from twinhood.needs.queries import is_public

logger = logging.getLogger(__name__)

LETTER = "need_changed"
BATCH = 1_000
# What was changed longer ago, as before this was told of, is told to nobody any more.
WINDOW = timedelta(days=30)


def tell() -> int:
    """Queue the letters about every change that nobody was told of; return how many.

    Safe to repeat, and from two workers at once.
    """
    now = clock.now()
    made = Change.objects.filter(
        state=Change.State.MADE,
        decided_at__gt=now - WINDOW,
        need__state=Need.State.VERIFIED,
        need__fund__isnull=False,
        told_by_letter__isnull=True,
    ).select_related("need__partnership")
    return sum(_tell_of(change) for change in made if is_public(change.need, at=now))


@transaction.atomic
def _tell_of(change: Change) -> int:
    told = {"told_at": clock.now()}
    _told, is_new = ChangeTold.objects.get_or_create(change=change, defaults=told)
    if not is_new:
        return 0
    donors = (
        Gift.objects.filter(
            fund=change.need.fund_id, donor__isnull=False, settled_at__lte=change.decided_at
        )
        .order_by("donor")
        .values_list("donor", flat=True)
        .distinct()
    )
    count = 0
    for batch in batched(donors.iterator(chunk_size=BATCH), BATCH):
        letters.queue_many(
            letters.NewLetter(
                donor_id=donor,
                kind=LETTER,
                key=f"need-changed:{change.pk}:{donor}",
                facts={"change": change.pk},
            )
            for donor in batch
        )
        count += len(batch)
    logger.info("giving.change_told need=%s letters=%s", change.need, count)
    return count


def _words(mail: Mail) -> letters.Told | None:
    """What changed; None to whom nothing of their gifts is left, or if the need is given up."""
    change = Change.objects.select_related("need__partnership").get(pk=mail.facts["change"])
    need = change.need
    gifts = Gift.objects.filter(fund=need.fund_id, donor=mail.donor_id)
    has_some = any(queries.left_of(gift).total_minor > 0 for gift in gifts)
    if need.state != Need.State.VERIFIED or not is_public(need, at=clock.now()) or not has_some:
        return None
    where = {"slug": need.partnership.slug, "number": need.number}
    return letters.Told(
        {
            "change": change,
            "need": need,
            "url": letters.url("needs:need", get_language() or "en", **where),
        }
    )


letters.KINDS[LETTER] = letters.Kind(tell=_words)
