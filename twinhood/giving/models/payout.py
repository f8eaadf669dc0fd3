"""What a rail sends to the bank, of many gifts at once. Amounts are minor units of `currency`."""

from django.db import models
from django.db.models import F, Q

from twinhood.giving.models.gift import Gift


class Payout(models.Model):
    """What a rail says it sent to the bank; it is explained when its parts add up to it."""

    class State(models.TextChoices):
        ON_ITS_WAY = "on its way", "on its way"
        PAID = "paid", "paid"
        # It came back, or was stopped: its parts wait for another payout.
        FAILED = "failed", "failed"

    rail = models.CharField(max_length=20)
    rail_ref = models.CharField(max_length=200)
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    # The sum of its parts, net, as they were read.
    parts_minor = models.BigIntegerField(default=0)
    # The day on which the bank should have it.
    arrival_date = models.DateField()
    state = models.CharField(max_length=10, choices=State)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rail", "rail_ref"], name="payout_is_known_once"),
        ]
        indexes = [models.Index(fields=["arrival_date"], name="payout_by_its_day")]

    def __str__(self) -> str:
        return self.rail_ref

    @property
    def unexplained_minor(self) -> int:
        """What the parts do not account for; anything but 0 is for a person to look at."""
        return self.amount_minor - self.parts_minor


class PayoutPart(models.Model):
    """One movement inside a payout: a gift, a refund, a dispute, or something that is not ours.

    `amount_minor` is signed: what goes back to a donor is negative. `fee_minor` is what the rail
    kept for it.
    """

    class Kind(models.TextChoices):
        GIFT = "gift", "gift"
        REFUND = "refund", "refund"
        DISPUTE = "dispute", "dispute"
        OTHER = "other", "other"

    payout = models.ForeignKey(Payout, on_delete=models.CASCADE, related_name="parts")
    rail_ref = models.CharField(max_length=200)
    kind = models.CharField(max_length=7, choices=Kind)
    # The object at the rail that moved it.
    about = models.CharField(max_length=200, blank=True)
    amount_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField(default=0)
    happened_at = models.DateTimeField()
    gift = models.ForeignKey(
        Gift, on_delete=models.PROTECT, null=True, blank=True, related_name="payout_parts"
    )
    # Why it does not agree with the books, as a code.
    problem = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["payout", "rail_ref"], name="payout_has_a_part_once"),
            models.CheckConstraint(
                condition=~Q(amount_minor=0) | ~Q(fee_minor=0) | Q(kind="other"),
                name="payout_part_moves_money",
            ),
            models.CheckConstraint(
                condition=~Q(kind="gift") | Q(amount_minor__gt=F("fee_minor")),
                name="gift_in_a_payout_is_more_than_its_fee",
            ),
        ]

    def __str__(self) -> str:
        return self.rail_ref

    @property
    def net_minor(self) -> int:
        return self.amount_minor - self.fee_minor
