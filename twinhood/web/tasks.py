"""What the worker does where rooms meet: the donor's place."""

from procrastinate.contrib.django import app

from twinhood.giving import visits
from twinhood.web import moments

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
