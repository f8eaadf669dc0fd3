"""Donors, gifts and refunds. Amounts are minor units of the gift's currency."""

from django.db import models
from django.db.models import F, Q

from twinhood.ledger.models import AMOUNT_MINOR_MAX, Fund
from twinhood.people.models import Partnership, Person


class Donor(models.Model):
    """Who gave. Name and address are encrypted with this donor's own key, which can be destroyed.

    `email_index` is a keyed hash, so that the same donor is found again without decrypting all.
    """

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="donors")
    sealed = models.BinaryField(null=True)
    wrapped_key = models.BinaryField(null=True)
    email_index = models.BinaryField(null=True, max_length=32)
    language = models.CharField(max_length=12, default="en")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "email_index"],
                condition=Q(email_index__isnull=False),
                name="donor_is_known_once_by_address",
            ),
        ]

    def __str__(self) -> str:
        return f"donor {self.pk}"


class Gift(models.Model):
    """Money given. `ref` is public; the donor's secret is stored only as its SHA-256."""

    class Stage(models.TextChoices):
        SETTLED = "settled", "settled"
        POSTED = "posted", "posted"

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="gifts")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="gifts")
    ref = models.CharField(max_length=32, unique=True)
    secret_hash = models.BinaryField(max_length=32, unique=True)
    # What the rail calls it (a cheque's number, a row of a pasted sheet): unique, so never twice.
    intake_key = models.CharField(max_length=200)
    rail = models.CharField(max_length=20)
    donor = models.ForeignKey(
        Donor, on_delete=models.PROTECT, null=True, blank=True, related_name="gifts"
    )
    shows_name = models.BooleanField(default=False)
    amount_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    stage = models.CharField(max_length=8, choices=Stage, default=Stage.SETTLED)
    received_date = models.DateField()
    settled_at = models.DateTimeField()
    posted_at = models.DateTimeField(null=True, blank=True)
    # The words under which the donor gave, kept as they were.
    purpose = models.CharField(max_length=300)
    note = models.CharField(max_length=300, blank=True)
    entered_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    counted_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "rail", "intake_key"], name="gift_is_taken_in_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    amount_minor__gt=0,
                    amount_minor__lte=AMOUNT_MINOR_MAX,
                    fee_minor__gte=0,
                    fee_minor__lt=F("amount_minor"),
                ),
                name="gift_is_more_than_its_fee",
            ),
            models.CheckConstraint(
                condition=~Q(rail="cash")
                | Q(entered_by__isnull=True)
                | (Q(counted_by__isnull=False) & ~Q(counted_by=F("entered_by"))),
                name="cash_is_counted_by_two",
            ),
            models.CheckConstraint(
                condition=Q(stage="settled", posted_at__isnull=True)
                | Q(stage="posted", posted_at__isnull=False),
                name="posted_gift_says_when",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(stage="settled"), name="gift_to_post"),
            models.Index(fields=["partnership", "-settled_at"], name="gift_newest_first"),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def key(self) -> str:
        """The gift's name in ledger, journal and log."""
        return f"gift:{self.ref}"

    @property
    def net_minor(self) -> int:
        """What reaches the line: the gift less what the rail kept."""
        return self.amount_minor - self.fee_minor


class Refund(models.Model):
    """Money given back for a gift, booked through the line's rules."""

    gift = models.ForeignKey(Gift, on_delete=models.PROTECT, related_name="refunds")
    key = models.CharField(max_length=200, unique=True)
    # From the line, and from the operating account (fees that the rail does not give back).
    line_minor = models.BigIntegerField()
    operating_minor = models.BigIntegerField(default=0)
    displaced_minor = models.BigIntegerField(default=0)
    advance_minor = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=300)
    refunded_at = models.DateTimeField()
    refunded_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(line_minor__gt=0, operating_minor__gte=0), name="refund_returns_some"
            ),
        ]

    def __str__(self) -> str:
        return self.key
