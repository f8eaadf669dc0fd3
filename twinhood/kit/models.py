"""What the ground keeps: counts, for a short while."""

from django.db import models


class Tally(models.Model):
    """How often something happened of late, for `kit.limits`.

    `key` is a keyed hash of what is counted, of whom and in which stretch of time. The table is
    not logged (UNLOGGED): after a crash it is empty, and counting begins anew.
    """

    key = models.BinaryField(max_length=16, primary_key=True)
    count = models.PositiveIntegerField(default=1)
    ends_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["ends_at"], name="kit_tally_that_is_over")]

    def __str__(self) -> str:
        return f"{self.count} until {self.ends_at:%H:%M}"
