"""What the worker has still to do."""

from twinhood.giving.models import Gift
from twinhood.people.models import Partnership


def how_much_waits(partnership: Partnership) -> int:
    return Gift.objects.filter(partnership=partnership, stage=Gift.Stage.SETTLED).count()
