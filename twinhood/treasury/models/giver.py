"""Who was thought to be the giver of a gift, before that was put right."""

from django.db import models
from django.db.models import Q

from twinhood.giving.models import Donor, Gift, Pledge
from twinhood.people.models import Person


class GiverChange(models.Model):
    """What a gift said of its giver until `changed_at`. The money and its segment never move.

    The log's commitment stays that of the first giver; its salt is not kept, so that a donor who
    is forgotten is forgotten here, too.
    """

    gift = models.ForeignKey(Gift, on_delete=models.PROTECT, related_name="giver_changes")
    donor = models.ForeignKey(
        Donor, on_delete=models.PROTECT, null=True, blank=True, related_name="giver_changes"
    )
    pledge = models.ForeignKey(
        Pledge, on_delete=models.PROTECT, null=True, blank=True, related_name="giver_changes"
    )
    shows_name = models.BooleanField(default=False)
    purpose = models.CharField(max_length=300)
    reason = models.CharField(max_length=300)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="giver_changes_for_a_reason"),
        ]

    def __str__(self) -> str:
        return f"giver of {self.gift}"
