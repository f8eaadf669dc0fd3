"""The hand-over: which units came into whose hands, when, and in what state."""

from django.db import models

from twinhood.deliveries.models.orders import Unit
from twinhood.kit.fields import LocalTextField
from twinhood.people.models import Organisation, Partnership, Person
from twinhood.places.models import Place


class HandoverAct(models.Model):
    """The act of acceptance: who gave the things into whose hands, when, in what state."""

    class Condition(models.TextChoices):
        GOOD = "good", "in order"
        DAMAGED = "damaged", "damaged"

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="acts")
    number = models.PositiveIntegerField()
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    giver = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    # Offices that signed, in words; the act itself is kept by both sides.
    signed_by = LocalTextField()
    handed_over_date = models.DateField()
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    # The receiving side may publish earlier or later than the partnership's delay, or pull back.
    public_from_date = models.DateField()
    is_pulled_back = models.BooleanField(default=False)
    # What the log holds of it (32 bytes); none for acts from before there was a log.
    commitment = models.BinaryField(null=True, blank=True)
    # Made with the empty form: a phone that sends again after a power cut writes one act.
    form_key = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partnership", "number"], name="act_number_is_unique")
        ]

    def __str__(self) -> str:
        return f"A-{self.number}"


class HandoverLine(models.Model):
    """One unit in an act: handed over once, in the condition seen."""

    act = models.ForeignKey(HandoverAct, on_delete=models.PROTECT, related_name="lines")
    unit = models.OneToOneField(Unit, on_delete=models.PROTECT, related_name="handover")
    condition = models.CharField(
        max_length=8, choices=HandoverAct.Condition, default=HandoverAct.Condition.GOOD
    )
    note = models.CharField(max_length=300, blank=True)

    def __str__(self) -> str:
        return f"{self.unit} in {self.act}"
