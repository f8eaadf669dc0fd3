"""What the worker does for aftercare."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from twinhood.aftercare import following, questions

RETRY = RetryStrategy(max_attempts=12, exponential_wait=4)


@app.periodic(cron="29 5 * * *")
@app.task(name="aftercare.follow", queueing_lock="aftercare.follow", pass_context=False)
def follow(timestamp: int) -> None:
    """Each morning, plan the dates of what was handed over, and ask whose date has come."""
    following.plan()
    following.ask()


@app.task(name=following.ASKING_TASK, queue="letters", retry=RETRY)
def ask(follow_up: int) -> None:
    """Write to one holder."""
    following.write(follow_up)


@app.task(name=following.ALARM_TASK, queue="letters", retry=RETRY)
def alarm(question: int) -> None:
    """Tell everybody at work that another holder is registered."""
    questions.write_alarm(question)
