"""What the worker does for agreements."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from twinhood.twinnings import invitations, signing


@app.periodic(cron="* * * * *")
@app.task(name="twinnings.follow", queueing_lock="twinnings.follow", pass_context=False)
def follow(timestamp: int) -> None:
    """Each minute, record what signatures and their later evidence mean, should a crash have come
    between, and put new revisions into the log.
    """
    signing.follow_all()


@app.task(
    name=signing.INVITING_TASK,
    queue="letters",
    retry=RetryStrategy(max_attempts=12, exponential_wait=4),
)
def invite(seat: int) -> None:
    """Write to whoever is to sign."""
    invitations.invite(seat)
