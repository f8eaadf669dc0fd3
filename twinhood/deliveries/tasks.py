"""What the worker does for orders and deliveries."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from twinhood.deliveries import alarms, asking, payees
from twinhood.kit import clock

RETRY = RetryStrategy(max_attempts=12, exponential_wait=4)


@app.task(name=payees.ALARM_TASK, queue="letters", retry=RETRY)
def alarm(payee: int, person: int) -> None:
    """Write to one person about a supplier's account."""
    alarms.sound(payee, person)


@app.task(name=asking.LETTER_TASK, queue="letters", retry=RETRY)
def ask_for_quote(asked: int) -> None:
    """Ask one supplier for a quote."""
    asking.send(asked, clock.now())
