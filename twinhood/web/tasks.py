"""What the worker does where rooms meet: the donor's place."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from twinhood.giving import visits
from twinhood.kit import clock
from twinhood.web import moments, reminders

TELLING_TASK = "web.tell_moments"


@app.task(name=visits.TASK)
def let_in(sealed: str) -> None:
    """Look for the donor of an address, and write to them."""
    visits.let_in_sealed(sealed)


@app.periodic(cron="41 3 * * *")
@app.task(name="giving.forget_visits", queueing_lock="giving.forget_visits", pass_context=False)
def forget_visits(timestamp: int) -> None:
    """Each night, forget visits of more than thirty days ago."""
    visits.forget_old()


@app.periodic(cron="*/10 * * * *")
@app.task(name=TELLING_TASK, queueing_lock=TELLING_TASK, pass_context=False)
def tell_moments(timestamp: int) -> None:
    """Every ten minutes, look for what became public, and put it into donors' letters.

    What is not told within some seconds goes on in ten minutes: letters leave once a day.
    """
    moments.find()
    moments.tell()


@app.periodic(cron="5 * * * *")
@app.task(name="web.remind_all", queueing_lock="web.remind_all", pass_context=False)
def remind_all(timestamp: int) -> None:
    """Each hour, write to those for whom it is eight in the morning."""
    reminders.ask_for_sending(clock.now())


@app.task(
    name=reminders.SENDING_TASK,
    queue="letters",
    retry=RetryStrategy(max_attempts=6, exponential_wait=4),
)
def remind(person: int) -> None:
    """Write to one person what waits."""
    reminders.remind(person)
