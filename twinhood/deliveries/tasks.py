"""What the worker does for orders and deliveries."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from twinhood.deliveries import alarms, payees


@app.task(
    name=payees.ALARM_TASK,
    queue="letters",
    retry=RetryStrategy(max_attempts=12, exponential_wait=4),
)
def alarm(payee: int, person: int) -> None:
    """Write to one person about a supplier's account."""
    alarms.sound(payee, person)
