"""What the worker does for orders and deliveries."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from twinhood.deliveries import alarms, asking, payees, reminding
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


@app.periodic(cron="23 5 * * *")
@app.task(
    name="deliveries.remind_of_quotes",
    queueing_lock="deliveries.remind_of_quotes",
    pass_context=False,
)
def remind_of_quotes(timestamp: int) -> None:
    """Each morning, look for which quotes the last day has passed."""
    reminding.find()


@app.task(name=reminding.WRITING_TASK, queue="letters", retry=RETRY)
def write_quote_reminder(reminder: int) -> None:
    """Write to who asked for the quotes."""
    reminding.write(reminder)
