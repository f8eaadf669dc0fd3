"""What the worker does for the log."""

import logging

from procrastinate.contrib.django import app

from twinhood.translog import actions
from twinhood.translog.errors import LogAhead, LogKeyMissing, TilesMissing

logger = logging.getLogger(__name__)

# One job works for a while and then lets others run; the sweep goes on where it stopped.
CHUNKS_MAX = 20


@app.task(name="translog.seal", queueing_lock="translog.seal")
def seal() -> None:
    """Seal what waits; asked for by each appending, in its own transaction.

    What stops the sealing is for the operator, whose page and log say it; leaves wait meanwhile,
    and the sweep tries again each minute.
    """
    try:
        for _ in range(CHUNKS_MAX):
            if actions.seal() is None:
                return
    except (LogAhead, LogKeyMissing, TilesMissing, OSError) as problem:
        logger.error("translog.not_sealed %s: %s", type(problem).__name__, problem)


@app.periodic(cron="* * * * *")
@app.task(name="translog.sweep", queueing_lock="translog.sweep", pass_context=False)
def sweep(timestamp: int) -> None:
    """Each minute, seal what an appending's own job did not see or a crash left behind."""
    seal()
