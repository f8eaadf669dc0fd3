"""What the worker does for papers."""

import logging

from procrastinate.contrib.django import app

from twinhood.documents import evidence, files, offices
from twinhood.documents.errors import KeysMissing
from twinhood.documents.models import Authority
from twinhood.kit import clock

logger = logging.getLogger(__name__)


@app.periodic(cron="*/5 * * * *")
@app.task(name="documents.raise_levels", queueing_lock="documents.raise_levels", pass_context=False)
def raise_levels(timestamp: int) -> None:
    """Every five minutes, give signatures the evidence that they could not have at once."""
    evidence.raise_levels()


@app.periodic(cron="11 2 * * *")
@app.task(name="documents.issue_list", queueing_lock="documents.issue_list", pass_context=False)
def issue_list(timestamp: int) -> None:
    """Each night, publish what is revoked; a list is good for a week."""
    if not Authority.objects.exists():
        return
    try:
        offices.issue_list()
    except KeysMissing as problem:
        logger.error("documents.list_not_issued %s", problem)


@app.periodic(cron="41 2 * * *")
@app.task(name="documents.sweep", queueing_lock="documents.sweep", pass_context=False)
def sweep(timestamp: int) -> None:
    """Each night, remove what was sent in and never used."""
    if count := files.sweep(clock.now()):
        logger.info("documents.swept files=%d", count)
