"""What the worker does for claims."""

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from twinhood.joining import claiming, letters


@app.task(
    name=claiming.LETTER_TASK,
    queue="letters",
    retry=RetryStrategy(max_attempts=12, exponential_wait=4),
)
def send_letter(claim: int) -> None:
    """Write to the official address of a claim."""
    letters.send(claim)
