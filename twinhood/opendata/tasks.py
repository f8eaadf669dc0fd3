"""What the worker does for the public files; on a queue of its own, since it can take minutes."""

import logging

from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from twinhood.kit import clock
from twinhood.opendata import actions
from twinhood.opendata.errors import AlreadyBuilding, NoRoom, NothingSealed
from twinhood.people.models import Partnership

logger = logging.getLogger(__name__)
QUEUE = "files"


@app.task(name="opendata.build", queue=QUEUE)
def build(partnership_id: int) -> None:
    """Build one partnership's file."""
    partnership = Partnership.objects.get(pk=partnership_id)
    try:
        built = actions.build(partnership)
    except (NothingSealed, AlreadyBuilding):
        return
    except NoRoom as problem:
        logger.warning("opendata.no_room partnership=%s %s", partnership.slug, problem)
        return
    logger.info(
        "opendata.built partnership=%s size=%d bytes=%d",
        partnership.slug, built.log_size, built.size_bytes,
    )  # fmt: skip


@app.periodic(cron="* * * * *")
@app.task(name="opendata.sweep", queue=QUEUE, queueing_lock="opendata.sweep", pass_context=False)
def sweep(timestamp: int) -> None:
    """Each minute, remove what may not be shown any more, and order what is due."""
    at = clock.now()
    for partnership in Partnership.objects.filter(books__isnull=False).order_by("id"):
        actions.remove_old(partnership)
        if actions.is_due(partnership, at=at):
            order(partnership)


def order(partnership: Partnership) -> None:
    """Let the worker build, unless that is ordered already."""
    lock = f"opendata.build:{partnership.pk}"
    try:
        build.configure(queueing_lock=lock, lock=lock).defer(partnership_id=partnership.pk)
    except AlreadyEnqueued:
        return
