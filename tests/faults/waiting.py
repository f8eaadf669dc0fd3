"""What the worker has still to do."""

from twinhood.giving.queries import unposted
from twinhood.people.models import Partnership
from twinhood.translog.queries import waiting_count


def how_much_waits(partnership: Partnership) -> int:
    """Gifts to post and leaves to seal."""
    return unposted(partnership).count + waiting_count()
