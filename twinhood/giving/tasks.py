"""What the worker does for giving."""

from procrastinate.contrib.django import app

from twinhood.giving import actions

BATCH = 1_000
# One job works for a while and then lets others run; the sweep goes on where it stopped.
BATCHES_MAX = 50


@app.task(name=actions.POSTING_TASK, queueing_lock=actions.POSTING_TASK)
def post_settled() -> None:
    """Post what waits, deferred by each intake in its own transaction."""
    for _ in range(BATCHES_MAX):
        if actions.post_settled(BATCH) < BATCH:
            return


@app.periodic(cron="* * * * *")
@app.task(name="giving.sweep", queueing_lock="giving.sweep", pass_context=False)
def sweep(timestamp: int) -> None:
    """Each minute, post what an intake's own job did not see or a crash left behind."""
    post_settled()
