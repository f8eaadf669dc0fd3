"""What the worker does for giving."""

from procrastinate.contrib.django import app

from twinhood.giving import (
    actions,
    changed_needs,
    in_kind,
    letters,
    limits,
    notices,
    pausing,
    reallocation,
    receipt_export,
    receipt_letters,
    receipts,
    recurring,
    refunding,
    waypoints,
)
from twinhood.giving.models import ReceiptExport
from twinhood.kit import clock
from twinhood.kit import limits as kit_limits
from twinhood.people.models import Partnership

# Whoever sends letters knows the kinds that are written there.
__all__ = ["receipt_letters", "recurring"]

# One job works for a while and then lets others run, the sealing among them; another goes on.
BATCHES_MAX = 10


@app.task(name=actions.POSTING_TASK, queueing_lock=actions.POSTING_TASK)
def post_settled() -> None:
    """Post what waits, deferred by each intake in its own transaction."""
    posted = actions.post_settled(batches_max=BATCHES_MAX)
    if posted:
        receipts.ask_for_issuing()
    if posted >= BATCHES_MAX * actions.POSTING_BATCH:
        actions.ask_for_posting()


@app.periodic(cron="23 3 * * *")
@app.task(name="giving.look_again", queueing_lock="giving.look_again", pass_context=False)
def look_again(timestamp: int) -> None:
    """Each night, look at every gift: one that is below the floor and not posted is a fault."""
    actions.post_forgotten()


@app.periodic(cron="* * * * *")
@app.task(name="giving.sweep", queueing_lock="giving.sweep", pass_context=False)
def sweep(timestamp: int) -> None:
    """Each minute, post what an intake's own job did not see or a crash left behind."""
    post_settled()


@app.periodic(cron="*/10 * * * *")
@app.task(name="giving.tell_paused", queueing_lock="giving.tell_paused", pass_context=False)
def tell_paused(timestamp: int) -> None:
    """Every ten minutes, tell donors that a list paused their campaign, or what the board said."""
    pausing.tell_all(clock.now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="giving.note_reached", queueing_lock="giving.note_reached", pass_context=False)
def note_reached(timestamp: int) -> None:
    """Every ten minutes, write down which steps of campaigns are reached, and on which day."""
    waypoints.note_reached()


@app.task(name=letters.SENDING_TASK, queue=letters.QUEUE, queueing_lock=letters.SENDING_TASK)
def send_letters() -> None:
    """Send what is due, for a while; another goes on with the rest."""
    done = letters.send_due()
    if done.count and not done.is_server_away and letters.waiting().count:
        letters.ask_for_sending()


@app.periodic(cron="* * * * *")
@app.task(
    name="giving.sweep_letters",
    queue=letters.QUEUE,
    queueing_lock="giving.sweep_letters",
    pass_context=False,
)
def sweep_letters(timestamp: int) -> None:
    """Each minute, send what came due or what a crash left behind."""
    send_letters()


@app.task(name=receipts.ISSUING_TASK, queue=letters.QUEUE, queueing_lock=receipts.ISSUING_TASK)
def issue_receipts() -> None:
    """Issue receipts for what is posted; another goes on with the rest."""
    if receipts.issue_due(batches_max=BATCHES_MAX) >= BATCHES_MAX * receipts.BATCH:
        receipts.ask_for_issuing()


@app.periodic(cron="* * * * *")
@app.task(
    name="giving.sweep_receipts",
    queue=letters.QUEUE,
    queueing_lock="giving.sweep_receipts",
    pass_context=False,
)
def sweep_receipts(timestamp: int) -> None:
    """Each minute, issue what is missing, and put right what refunds and disputes made wrong."""
    issue_receipts()
    receipts.replace_due()
    receipt_export.tidy_up()


@app.periodic(cron="7 4 * * *")
@app.task(
    name="giving.forget_receipts",
    queue=letters.QUEUE,
    queueing_lock="giving.forget_receipts",
    pass_context=False,
)
def forget_receipts(timestamp: int) -> None:
    """Each night, destroy the keys of receipts that nothing makes us keep any longer."""
    receipts.forget_old(on=clock.now().date())


@app.task(name=receipts.YEAR_TASK, queue=receipts.YEAR_QUEUE)
def issue_year(partnership_id: int, year: int) -> None:
    """Issue a year's statements."""
    receipts.issue_year(Partnership.objects.get(pk=partnership_id), year)


@app.task(name=receipt_export.TASK, queue=receipt_export.QUEUE)
def gather_receipts(export_id: int) -> None:
    """Gather a year's receipts as one file."""
    receipt_export.gather(ReceiptExport.objects.select_related("partnership").get(pk=export_id))


@app.task(name=notices.HANDLING_TASK, queueing_lock=notices.HANDLING_TASK, lock="giving.notices")
def handle_notices() -> None:
    """Handle what rails told us, one run at a time; another goes on with the rest."""
    if notices.handle_due() >= notices.BATCH:
        notices.ask_for_handling()


@app.periodic(cron="* * * * *")
@app.task(
    name="giving.sweep_notices",
    queueing_lock="giving.sweep_notices",
    lock="giving.notices",
    pass_context=False,
)
def sweep_notices(timestamp: int) -> None:
    """Each minute, handle what waited for a rail that was down, or what a crash left behind."""
    notices.handle_due()


@app.periodic(cron="*/10 * * * *")
@app.task(
    name="giving.look_at_rails",
    queueing_lock="giving.look_at_rails",
    lock="giving.notices",
    pass_context=False,
)
def look_at_rails(timestamp: int) -> None:
    """Ask rails about what they have not told: pledges, refunds, notices that got lost."""
    notices.look_for_missing()
    notices.fetch_missed()
    refunding.send_again()


@app.periodic(cron="41 3 * * *")
@app.task(
    name="giving.put_away_notices", queueing_lock="giving.put_away_notices", pass_context=False
)
def put_away_notices(timestamp: int) -> None:
    """Each night, forget the bytes of old notices."""
    notices.put_away_old()


@app.periodic(cron="17 4 * * *")
@app.task(name="giving.forget_unpaid", queueing_lock="giving.forget_unpaid", pass_context=False)
def forget_unpaid(timestamp: int) -> None:
    """Each night, forget who filled in a form long ago and never paid."""
    while actions.forget_unpaid():
        pass


@app.periodic(cron="*/5 * * * *")
@app.task(name="giving.sweep_withdrawn", queueing_lock="giving.sweep_withdrawn", pass_context=False)
def sweep_withdrawn(timestamp: int) -> None:
    """While donors choose: hold monthly gifts that a rail did not hold yet, ask who gave late."""
    reallocation.sweep()


@app.periodic(cron="*/10 * * * *")
@app.task(name="giving.tell_changes", queueing_lock="giving.tell_changes", pass_context=False)
def tell_changes(timestamp: int) -> None:
    """Every ten minutes, write to those who gave for a need that was changed since."""
    changed_needs.tell()


@app.periodic(cron="11 * * * *")
@app.task(name="giving.book_aid", queueing_lock="giving.book_aid", pass_context=False)
def book_aid(timestamp: int) -> None:
    """Each hour, book things given in kind as aid whose hand-over may be known by now."""
    in_kind.book_aid_due()


@app.periodic(cron="41 * * * *")
@app.task(name="giving.forget_counts", queueing_lock="giving.forget_counts", pass_context=False)
def forget_counts(timestamp: int) -> None:
    """Each hour, remove what the limits counted, and from where old forms came."""
    now = clock.now()
    limits.forget(now)
    kit_limits.forget(now)
