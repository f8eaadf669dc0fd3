"""What the worker does for transport."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from twinhood.transport import reminding


@app.periodic(cron="17 5 * * *")
@app.task(name="transport.remind", queueing_lock="transport.remind", pass_context=False)
def remind(timestamp: int) -> None:
    """Each morning, look which reports have a reminder due."""
    reminding.find()


@app.task(
    name=reminding.WRITING_TASK,
    queue="letters",
    retry=RetryStrategy(max_attempts=12, exponential_wait=4),
)
def write_reminder(reminder: int) -> None:
    """Write one reminder to both sides."""
    reminding.write(reminder)
