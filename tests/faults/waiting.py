"""What the worker has still to do."""

from twinhood.giving.models import Gift
from twinhood.people.models import Partnership
from twinhood.translog.queries import waiting_count


def how_much_waits(partnership: Partnership) -> int:
    """Gifts to post and leaves to seal."""
    unposted = Gift.objects.filter(partnership=partnership, stage=Gift.Stage.SETTLED).count()
    return unposted + waiting_count()
