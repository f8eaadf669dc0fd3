"""Things given instead of money. `value_minor` is minor units of `currency`: their fair value."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length

from twinhood.giving.models.gift import Donor
from twinhood.ledger.models import AMOUNT_MINOR_MAX
from twinhood.needs.models import Need
from twinhood.people.models import Organisation, Partnership, Person

models.BinaryField.register_lookup(Length)
# Seventeen signs of a vehicle identification number (ISO 3779), letters and digits among them,
# in whichever case and however spaced.
VIN_SHAPE = r"^(?=.*[A-Za-z])(?=.*[0-9])[ -]*([A-HJ-NPR-Za-hj-npr-z0-9][ -]*){17}$"


class InKindGift(models.Model):
    """A thing given: an ambulance, a pallet of blankets. It lies on no line; its value is booked.

    What became of it: it waits, was handed over, or was undone (entered wrongly, or taken back).
    """

    class Basis(models.TextChoices):
        VALUATION = "valuation", "independent valuation"
        INVOICE = "invoice", "invoice"
        CATALOGUE = "catalogue", "catalogue price"

    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, related_name="in_kind_gifts"
    )
    ref = models.CharField(max_length=32)
    # Made with the empty form: the form sent twice is one gift.
    form_key = models.UUIDField(unique=True)
    secret_hash = models.BinaryField(max_length=32, unique=True)
    donor = models.ForeignKey(
        Donor, on_delete=models.PROTECT, null=True, blank=True, related_name="in_kind_gifts"
    )
    shows_name = models.BooleanField(default=False)
    description = models.CharField(max_length=300)
    quantity = models.PositiveIntegerField(default=1)
    # What is counted: "pallet", "box"; empty for one thing.
    unit = models.CharField(max_length=40, blank=True)
    # A serial number or VIN; the world sees its last four signs.
    serial = models.CharField(max_length=80, blank=True)
    # It goes to a body of the public hand only.
    is_vehicle = models.BooleanField(default=False)
    value_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    basis = models.CharField(max_length=10, choices=Basis)
    # The person or organisation that valued it, and when.
    valued_by = models.CharField(max_length=200)
    valued_date = models.DateField()
    received_date = models.DateField()
    # The words under which it was given, and the need that it answers, if one.
    purpose = models.CharField(max_length=300)
    need = models.ForeignKey(
        Need, on_delete=models.PROTECT, null=True, blank=True, related_name="in_kind_gifts"
    )
    entered_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    entered_at = models.DateTimeField()
    # The hand-over, as the act says that counts (a floor above): nobody types it here.
    handed_over_date = models.DateField(null=True, blank=True)
    handed_over_to = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    act = models.CharField(max_length=200, blank=True)
    handed_over_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # From then on the world may know of the hand-over, and it is booked as aid; None: hidden.
    public_from_date = models.DateField(null=True, blank=True)
    is_aid_booked = models.BooleanField(default=False)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    undo_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ref"], name="in_kind_gift_has_its_own_ref"),
            models.CheckConstraint(
                condition=Q(value_minor__gt=0, value_minor__lte=AMOUNT_MINOR_MAX, quantity__gt=0),
                name="in_kind_gift_is_worth_something",
            ),
            models.CheckConstraint(
                condition=Q(handed_over_date__isnull=True, handed_over_to__isnull=True)
                | Q(handed_over_date__isnull=False, handed_over_to__isnull=False),
                name="in_kind_gift_is_handed_over_to_somebody",
            ),
            models.CheckConstraint(
                condition=Q(is_vehicle=True) | ~Q(serial__regex=VIN_SHAPE),
                name="what_has_a_vin_is_a_vehicle",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True)
                | (~Q(undo_reason="") & Q(handed_over_date__isnull=True)),
                name="undone_in_kind_gift_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def key(self) -> str:
        """Its name in ledger and log."""
        return f"in-kind:{self.ref}"
