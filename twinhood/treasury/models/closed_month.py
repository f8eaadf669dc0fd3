"""The noun of month-end: a month that was closed, what was found then, and who opened it again."""

from django.db import models
from django.db.models import F, Q

from twinhood.people.models import Partnership, Person


class ClosedMonth(models.Model):
    """A month whose books are closed: the ledger dates nothing before its end.

    It is opened again only by two people, with a reason; then it can be closed anew, as a new row.
    """

    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, related_name="closed_months"
    )
    # Its first day.
    month_date = models.DateField()
    # What was looked at, as it was found: code, state and figures of each check.
    checks = models.JSONField()
    note = models.CharField(max_length=300, blank=True)
    closed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField()
    # Who asked to open it again, and why; then who agreed.
    reason = models.CharField(max_length=300, blank=True)
    asked_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    asked_at = models.DateTimeField(null=True, blank=True)
    reopened_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reopened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "month_date"],
                condition=Q(reopened_at__isnull=True),
                name="month_is_closed_once",
            ),
            models.CheckConstraint(
                condition=Q(month_date__day=1), name="closed_month_is_a_whole_one"
            ),
            models.CheckConstraint(
                condition=Q(reopened_by__isnull=True) | ~Q(reopened_by=F("asked_by")),
                name="month_is_reopened_by_two",
            ),
            models.CheckConstraint(
                condition=(Q(reopened_at__isnull=True) & Q(reopened_by__isnull=True))
                | (
                    Q(reopened_at__isnull=False)
                    & Q(reopened_by__isnull=False)
                    & Q(asked_by__isnull=False)
                    & ~Q(reason="")
                ),
                name="reopened_month_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month_date:%Y-%m}"
