"""The nouns: shipments, what is in them, their legs, customs, and what went wrong on the way."""

from django.db import models
from django.db.models import F, Q

from twinhood.deliveries.models import Unit
from twinhood.documents.models import StoredFile
from twinhood.giving.models import InKindGift
from twinhood.ledger.models import AMOUNT_MINOR_MAX
from twinhood.people.models import Organisation, Partnership, Person
from twinhood.places.models import Place
from twinhood.transport.core.reporting import REMINDED_ON

WEIGHT_GRAMS_MAX = 100_000_000


class Shipment(models.Model):
    """Things that travel together, from one body to another, under one declaration."""

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="shipments")
    number = models.PositiveIntegerField()
    consignor = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    consignee = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    # What the things are given for, in the words of the donation letter.
    purpose = models.CharField(max_length=300)
    letter_date = models.DateField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    # Humanitarian declaration: filed by the consignee; its code is shown at customs.
    declaration_code = models.CharField(max_length=40, blank=True)
    declared_date = models.DateField(null=True, blank=True)
    cleared_date = models.DateField(null=True, blank=True)
    # The report on presence and distribution: its number with the authority, and its day.
    report_number = models.CharField(max_length=80, blank=True)
    reported_date = models.DateField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=300, blank=True)
    # Made with the empty form: the form sent twice is one shipment.
    form_key = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "number"], name="shipment_number_is_unique"
            ),
            models.UniqueConstraint(
                fields=["declaration_code"],
                condition=~Q(declaration_code=""),
                name="declaration_code_is_known_once",
            ),
            models.CheckConstraint(
                condition=~Q(consignor=F("consignee")), name="shipment_goes_from_one_to_another"
            ),
            models.CheckConstraint(
                condition=Q(declaration_code="", declared_date__isnull=True)
                | Q(~Q(declaration_code=""), declared_date__isnull=False),
                name="declaration_has_a_code_and_a_day",
            ),
            models.CheckConstraint(
                condition=Q(cleared_date__isnull=True)
                | Q(declared_date__isnull=False, cleared_date__gte=F("declared_date")),
                name="customs_clear_what_was_declared_before",
            ),
            models.CheckConstraint(
                condition=Q(reported_date__isnull=True, report_number="")
                | Q(
                    ~Q(report_number=""),
                    cleared_date__isnull=False,
                    reported_date__gte=F("cleared_date"),
                ),
                name="report_follows_the_clearance",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_at__isnull=True)
                | (~Q(cancel_reason="") & Q(cleared_date__isnull=True)),
                name="cancelled_shipment_says_why_and_was_not_cleared",
            ),
        ]

    def __str__(self) -> str:
        return f"S-{self.number}"

    @property
    def letter_number(self) -> str:
        """The number of its donation letter."""
        return f"L-{self.number}"


class Load(models.Model):
    """One thing in a shipment: a unit that was bought, or a thing given in kind."""

    class Condition(models.TextChoices):
        GOOD = "good", "in order"
        DAMAGED = "damaged", "damaged"
        LOST = "lost", "lost"

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="loads")
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="loads"
    )
    gift = models.ForeignKey(
        InKindGift, on_delete=models.PROTECT, null=True, blank=True, related_name="loads"
    )
    packages = models.PositiveIntegerField()
    weight_grams = models.BigIntegerField()
    # What it was bought for, or is worth; copied, so that a paper says the same tomorrow.
    value_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    condition = models.CharField(max_length=8, choices=Condition, default=Condition.GOOD)
    # False once its shipment is cancelled: the thing may travel in another.
    is_live = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=False, gift__isnull=True)
                | Q(unit__isnull=True, gift__isnull=False),
                name="load_is_one_thing",
            ),
            models.UniqueConstraint(
                fields=["unit"], condition=Q(is_live=True), name="unit_travels_in_one_shipment"
            ),
            models.UniqueConstraint(
                fields=["gift"], condition=Q(is_live=True), name="gift_travels_in_one_shipment"
            ),
            models.CheckConstraint(
                condition=Q(
                    packages__gte=1,
                    packages__lte=10_000,
                    weight_grams__gte=1,
                    weight_grams__lte=WEIGHT_GRAMS_MAX,
                    value_minor__gte=1,
                    value_minor__lte=AMOUNT_MINOR_MAX,
                ),
                name="load_has_packages_weight_and_value",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit or self.gift} in {self.shipment}"


class RiskHolder(models.TextChoices):
    """Who bears the loss of a thing while it is on a leg."""

    SUPPLIER = "supplier", "supplier"
    CARRIER = "carrier", "carrier"
    CONSIGNOR = "consignor", "sender"
    CONSIGNEE = "consignee", "receiver"


class Leg(models.Model):
    """One stretch of the way, of one carrier. Cities may be told some day; depots never."""

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="legs")
    position = models.PositiveSmallIntegerField()
    from_place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    to_place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    from_depot = models.CharField(max_length=200, blank=True)
    to_depot = models.CharField(max_length=200, blank=True)
    carrier = models.CharField(max_length=200)
    vehicle = models.CharField(max_length=80, blank=True)
    risk_holder = models.CharField(max_length=10, choices=RiskHolder)
    planned_departure_at = models.DateTimeField(null=True, blank=True)
    planned_arrival_at = models.DateTimeField(null=True, blank=True)
    departed_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shipment", "position"], name="leg_has_its_place_in_the_way"
            ),
            models.CheckConstraint(
                condition=Q(planned_departure_at__isnull=True)
                | Q(planned_arrival_at__isnull=True)
                | Q(planned_arrival_at__gt=F("planned_departure_at")),
                name="leg_is_to_arrive_after_it_leaves",
            ),
            models.CheckConstraint(
                condition=Q(arrived_at__isnull=True)
                | Q(departed_at__isnull=False, arrived_at__gt=F("departed_at")),
                name="leg_arrives_after_it_left",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shipment} leg {self.position}"


class Rate(models.Model):
    """What hryvnias an amount was worth on a day, as a pair of amounts in minor units."""

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="rates")
    currency = models.CharField(max_length=3)
    amount_minor = models.BigIntegerField()
    uah_minor = models.BigIntegerField()
    rate_date = models.DateField()
    source = models.CharField(max_length=200)
    stated_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["shipment", "currency"], name="shipment_has_one_rate_of_a_currency"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, uah_minor__gt=0) & ~Q(source=""),
                name="rate_is_a_pair_of_amounts_with_its_source",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} of {self.rate_date}"


class Damage(models.Model):
    """What was found damaged or missing on the way, who bore the risk, and what came of it."""

    class Kind(models.TextChoices):
        DAMAGED = "damaged", "damaged"
        LOST = "lost", "lost"

    class Remedy(models.TextChoices):
        OPEN = "", "open"
        CREDIT = "credit", "credited by the supplier"
        INSURANCE = "insurance", "paid by an insurance"
        REPLACED = "replaced", "replaced"
        WRITTEN_OFF = "written_off", "written off"

    load = models.ForeignKey(Load, on_delete=models.PROTECT, related_name="damages")
    leg = models.ForeignKey(
        Leg, on_delete=models.PROTECT, null=True, blank=True, related_name="damages"
    )
    kind = models.CharField(max_length=8, choices=Kind)
    found_date = models.DateField()
    note = models.CharField(max_length=1000)
    # As it stood when it was found: a later change of the leg changes nobody's liability.
    risk_holder = models.CharField(max_length=10, choices=RiskHolder)
    reported_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField()
    remedy = models.CharField(max_length=12, choices=Remedy, blank=True, default=Remedy.OPEN)
    remedy_note = models.CharField(max_length=500, blank=True)
    remedied_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    remedied_at = models.DateTimeField(null=True, blank=True)
    form_key = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(note="")
                & (
                    Q(remedy="", remedied_by__isnull=True, remedied_at__isnull=True)
                    | Q(
                        ~Q(remedy=""),
                        ~Q(remedy_note=""),
                        remedied_by__isnull=False,
                        remedied_at__isnull=False,
                    )
                ),
                name="damage_says_what_and_how_it_was_made_good",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.load}"


class DamagePhoto(models.Model):
    """A photo of a damage; private to both sides."""

    damage = models.ForeignKey(Damage, on_delete=models.PROTECT, related_name="photos")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.file} of {self.damage}"


class Reminder(models.Model):
    """That both sides were reminded of a report on its 30th, 60th or 80th day."""

    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="reminders")
    day = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["shipment", "day"], name="reminder_is_sent_once"),
            models.CheckConstraint(
                condition=Q(day__in=REMINDED_ON), name="reminder_has_one_of_its_days"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shipment}, day {self.day}"


__all__ = [
    "Damage",
    "DamagePhoto",
    "Leg",
    "Load",
    "Rate",
    "Reminder",
    "RiskHolder",
    "Shipment",
]
