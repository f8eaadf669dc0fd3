"""What the worker does where rooms meet: the donor's place."""

from procrastinate.contrib.django import app

from twinhood.giving import visits


@app.task(name=visits.TASK)
def let_in(sealed: str) -> None:
    """Look for the donor of an address, and write to them."""
    visits.let_in_sealed(sealed)


@app.periodic(cron="41 3 * * *")
@app.task(name="giving.forget_visits", queueing_lock="giving.forget_visits", pass_context=False)
def forget_visits(timestamp: int) -> None:
    """Each night, forget visits of more than thirty days ago."""
    visits.forget_old()
