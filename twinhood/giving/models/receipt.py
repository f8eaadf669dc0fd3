"""Receipts, and who issues them."""

from django.db import models
from django.db.models import Q

from twinhood.giving.models.gift import Donor, Gift
from twinhood.giving.models.pledge import Pledge
from twinhood.kit.fields import LocalTextField
from twinhood.people.models import Organisation, Partnership, Person


class Issuer(models.Model):
    """What the law and the bank want to know of an organisation that receives gifts."""

    organisation = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, related_name="issuer"
    )
    # Its name in law, as registered: it is not translated.
    legal_name = models.CharField(max_length=200)
    address = models.CharField(max_length=300, blank=True)
    # EIN, charity number, ЄДРПОУ …
    registry_code = models.CharField(max_length=40)
    # Stands before each number of a receipt: "R" in R-2026-0001.
    letters = models.CharField(max_length=8, default="R")
    time_zone = models.CharField(max_length=60, default="UTC")
    rules = models.CharField(
        max_length=60, default="us", help_text="receipts that it may issue, e.g. us,eu"
    )
    # Its statement that it keeps control and discretion over the gifts.
    control = LocalTextField(null=True, blank=True)
    # Where a transfer goes; empty where it takes none.
    iban = models.CharField(max_length=34, blank=True)
    bic = models.CharField(max_length=11, blank=True)
    bank_lines = models.TextField(blank=True)
    contact_email = models.EmailField(blank=True)
    is_example = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.legal_name


class ReceiptCounter(models.Model):
    """The last number of an organisation and year: locked while receipts are written."""

    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="counters")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "year"], name="one_counter_a_year"),
        ]

    def __str__(self) -> str:
        return f"{self.issuer} {self.year}: {self.last}"


class Receipt(models.Model):
    """A receipt that was issued. It never changes: another one, which names it, replaces it.

    What stands on it is sealed with a key of its own, since the law makes the organisation keep
    its copy for some years, also of a donor who was forgotten; `kept_until_date` ends that.
    """

    class Kind(models.TextChoices):
        GIFT = "gift", "of one gift"
        YEAR = "year", "of a year"
        # Puts another out of force and stands for nothing itself.
        CANCELLATION = "cancellation", "cancellation"

    issuer = models.ForeignKey(Issuer, on_delete=models.PROTECT, related_name="receipts")
    year = models.PositiveSmallIntegerField()
    serial = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    rule = models.CharField(max_length=12, choices=Pledge.Rule)
    language = models.CharField(max_length=12)
    # The gift of a receipt of one; the year's gifts stand in the sealed facts.
    gift = models.ForeignKey(
        Gift, on_delete=models.PROTECT, null=True, blank=True, related_name="receipts"
    )
    donor = models.ForeignKey(
        Donor, on_delete=models.PROTECT, null=True, blank=True, related_name="receipts"
    )
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )
    # What it was issued for, so that the same cause issues it once ("gift:7Q2F", "year:2026").
    cause = models.CharField(max_length=200)
    sealed = models.BinaryField()
    wrapped_key = models.BinaryField(null=True)
    issued_at = models.DateTimeField()
    kept_until_date = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "year", "serial"], name="receipt_has_its_own_number"
            ),
            models.UniqueConstraint(fields=["issuer", "cause"], name="receipt_is_issued_once"),
            models.CheckConstraint(condition=Q(serial__gt=0), name="receipts_count_from_one"),
            models.CheckConstraint(
                condition=~Q(kind="cancellation") | Q(replaces__isnull=False),
                name="cancellation_names_what_it_cancels",
            ),
        ]
        indexes = [models.Index(fields=["donor", "issued_at"], name="receipt_by_its_donor")]

    def __str__(self) -> str:
        return f"{self.issuer.letters}-{self.year}-{self.serial:04d}"

    @property
    def partnership(self) -> Partnership:
        """Between whom its gifts were given."""
        if self.donor is not None:
            return self.donor.partnership
        if self.gift is None:
            raise ValueError(f"receipt {self.pk} has neither donor nor gift")
        return self.gift.partnership

    @property
    def is_of_year(self) -> bool:
        """Whether it sums a year up, or cancels what did."""
        return self.cause.startswith("year:")


class ReceiptMark(models.Model):
    """How far receipts have come: every gift whose id is at most `floor` was looked at."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    floor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="there_is_one_mark_of_receipts"),
        ]

    def __str__(self) -> str:
        return f"receipts up to gift {self.floor}"


class ReceiptExport(models.Model):
    """A year's receipts as one zip, made by the worker; the file is removed after a day."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        READY = "ready", "ready"
        FAILED = "failed", "failed"
        REMOVED = "removed", "removed"

    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, related_name="receipt_exports"
    )
    year = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "year"],
                condition=Q(state="waiting"),
                name="receipts_of_a_year_are_gathered_once_at_a_time",
            ),
        ]

    def __str__(self) -> str:
        return f"receipts of {self.partnership} {self.year}"
