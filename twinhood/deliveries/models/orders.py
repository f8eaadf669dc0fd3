"""Orders, approvals, the units that they buy, and what is paid for them.

Amounts are minor units of the row's currency.
"""

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Upper

from twinhood.deliveries.core.approval import NO_INTEREST
from twinhood.deliveries.models.payees import PayeeAccount
from twinhood.kit.core import serials
from twinhood.ledger.models import AMOUNT_MINOR_MAX, Fund, UseUnit
from twinhood.needs.models import Need, Quote
from twinhood.people.models import Organisation, Partnership, Person


class Order(models.Model):
    """What is to be bought, from whom, for how much, out of which funds."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "proposed"
        # Two have approved; its money is set aside until it is exchanged.
        APPROVED = "approved", "approved"
        PLACED = "placed", "placed"
        CANCELLED = "cancelled", "cancelled"
        REFUSED = "refused", "refused"

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="orders")
    number = models.PositiveIntegerField()
    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="orders")
    quote = models.ForeignKey(Quote, on_delete=models.PROTECT, related_name="orders")
    # Why this quote, where it is not the lowest, or why there are fewer than three.
    reason = models.TextField(blank=True)
    # Where, when and how the supplier delivers, as the quote or the contract says.
    delivery_terms = models.TextField(blank=True)
    # The supplier's account that will be paid; none where it is not known yet.
    payee = models.ForeignKey(
        PayeeAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="orders"
    )
    # What the proposer says of own interests in the supplier; empty: there are none.
    interest = models.TextField(blank=True)
    currency = models.CharField(max_length=3)
    fund_codes = models.JSONField()
    # The fund of another currency that pays, by an exchange on the day of placing; the rate of
    # the approval as a pair of amounts, who says so and when; price and ceiling in the fund's.
    source_fund = models.ForeignKey(
        Fund, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    rate_order_minor = models.BigIntegerField(default=0)
    rate_fund_minor = models.BigIntegerField(default=0)
    rate_said_by = models.CharField(max_length=200, blank=True)
    rate_date = models.DateField(null=True, blank=True)
    price_minor = models.BigIntegerField(default=0)
    ceiling_minor = models.BigIntegerField(default=0)
    # What the bank took from that fund when it was placed, and its charge beside.
    exchanged_minor = models.BigIntegerField(default=0)
    exchanged_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    # SHA-256 of the exact content (core.approval); an edit gives another one and voids approvals.
    content_hash = models.CharField(max_length=64)
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_for = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approved_at = models.DateTimeField(null=True, blank=True)
    placed_at = models.DateTimeField(null=True, blank=True)
    refused_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    refused_at = models.DateTimeField(null=True, blank=True)
    refuse_reason = models.CharField(max_length=500, blank=True)
    # Made with the empty form, so that sending it twice proposes one order.
    form_key = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "number"], name="order_number_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "approved", "refused"])
                | Q(placed_at__isnull=False),
                name="placed_order_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused")
                | Q(~Q(refuse_reason=""), refused_by__isnull=False, refused_at__isnull=False),
                name="refused_order_says_who_and_why",
            ),
            models.CheckConstraint(
                condition=Q(source_fund=None, rate_fund_minor=0, ceiling_minor=0)
                | Q(
                    source_fund__isnull=False,
                    rate_order_minor__gt=0,
                    rate_fund_minor__gt=0,
                    rate_date__isnull=False,
                    price_minor__gt=0,
                    ceiling_minor__gte=F("price_minor"),
                    ceiling_minor__lte=AMOUNT_MINOR_MAX,
                )
                & ~Q(rate_said_by=""),
                name="order_in_another_currency_states_its_rate",
            ),
            models.CheckConstraint(
                condition=Q(source_fund=None, exchanged_minor=0)
                | Q(source_fund__isnull=False)
                & (
                    Q(placed_at=None, exchanged_minor=0)
                    | Q(exchanged_minor__gt=0, exchanged_minor__lte=F("ceiling_minor"))
                ),
                name="exchange_stays_under_the_ceiling",
            ),
            models.CheckConstraint(
                condition=Q(exchanged_by=None) | ~Q(exchanged_by=F("proposed_by")),
                name="who_asks_does_not_exchange",
            ),
        ]

    def __str__(self) -> str:
        return f"O-{self.number}"

    @property
    def whole_minor(self) -> int:
        """What all its units cost, cancelled ones too; reads the fetched units."""
        return sum(unit.amount_minor for unit in self.units.all())

    @property
    def overrun_minor(self) -> int:
        """How much dearer the exchange was than the approved rate, in the fund's currency."""
        return self.exchanged_minor - self.price_minor if self.exchanged_minor else 0

    @property
    def hold_key(self) -> str:
        """Under which the books keep its ceiling from being ordered twice."""
        return f"ceiling:O-{self.number}:{self.content_hash[:16]}"

    @property
    def key(self) -> str:
        """The order's name in ledger and journal."""
        return f"order:O-{self.number}"


class Approval(models.Model):
    """One person's word for exactly this content. Constraints and a trigger keep four eyes."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="approvals")
    content_hash = models.CharField(max_length=64)
    # Repeated from the order, so that a check constraint can compare them.
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()
    # Which sentence about own interests the approver put their name to; empty in rows from before
    # it was asked for. A trigger demands it.
    statement = models.CharField(max_length=20, default=NO_INTEREST)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "content_hash", "approved_by"], name="approver_approves_once"
            ),
            models.UniqueConstraint(
                fields=["order", "content_hash", "organisation"],
                name="approvers_are_of_two_organisations",
            ),
            models.CheckConstraint(
                condition=~Q(approved_by=F("proposed_by")), name="nobody_approves_their_own_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} by {self.approved_by}"


def _folded(serial: F) -> Func:
    """`serials.folded` in SQL; what has no counterpart is left out."""
    same = serials.LATIN.translate(str.maketrans(serials.SAME, serials.SAME_AS))
    letters = Value(serials.STRANGE + serials.SAME + serials.SPACING)
    return Func(Upper(serial), letters, Value(same + serials.SAME_AS), function="translate")


class RefusedApproval(models.Model):
    """Somebody tried to approve who may not; kept, because it may have been a fraud."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refused_approvals")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    refusal = models.CharField(max_length=20)
    tried_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.order}: {self.person} {self.refusal}"


class BankFee(models.Model):
    """What the bank took for an order's exchange: a use of the fund beside it, never a thing."""

    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="bank_fee")
    # Its name in ledger and journal, as a thing's.
    code = models.CharField(max_length=16, unique=True)
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="bank_fee_is_an_amount")
        ]

    def __str__(self) -> str:
        return f"bank's fee for {self.order}"

    @property
    def key(self) -> str:
        return f"{self.order.key}-fee"


class Unit(models.Model):
    """One thing of an order, with its serial number; what a gift can be followed to."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="units")
    # Random: its public address and its name in the journal until the safety rule lets go.
    code = models.CharField(max_length=16, unique=True)
    # Counts the units of its need: "ambulance 3".
    number = models.PositiveIntegerField()
    # What was approved; `credited_minor` of it came off since, written by a trigger alone.
    amount_minor = models.BigIntegerField()
    credited_minor = models.BigIntegerField(default=0)
    # What it costs now.
    price_minor = models.GeneratedField(
        expression=F("amount_minor") - F("credited_minor"),
        output_field=models.BigIntegerField(), db_persist=True,
    )  # fmt: skip
    line_unit = models.OneToOneField(
        UseUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="unit"
    )
    serial = models.CharField(max_length=80, blank=True)
    # One plate, however it was typed; computed by the database, so that nothing goes around it.
    serial_key = models.GeneratedField(
        expression=_folded(F("serial")), output_field=models.CharField(max_length=80),
        db_persist=True,
    )  # fmt: skip
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["serial_key"],
                condition=~Q(serial_key=""),
                name="serial_number_is_known_once",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, amount_minor__lte=AMOUNT_MINOR_MAX),
                name="ordered_unit_has_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(credited_minor__gte=0, credited_minor__lt=F("amount_minor")),
                name="unit_costs_something",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order} unit {self.number}"


class SerialClash(models.Model):
    """Somebody gave a thing the number of another one: refused, and kept, since it may be fraud."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="clashes")
    known_unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    serial = models.CharField(max_length=80)
    tried_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    tried_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.serial} for {self.unit}"


class Payment(models.Model):
    """Money paid to a supplier for an order."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="payments")
    key = models.CharField(max_length=200, unique=True)
    # None in rows from before accounts were recorded; a trigger demands it.
    payee = models.ForeignKey(
        PayeeAccount, on_delete=models.PROTECT, null=True, related_name="payments"
    )
    amount_minor = models.BigIntegerField()
    invoice = models.CharField(max_length=80)
    # The account that the money left, e.g. `assets:bank:main`.
    bank_code = models.CharField(max_length=120)
    paid_at = models.DateTimeField()
    paid_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="payment_pays_some")
        ]

    def __str__(self) -> str:
        return self.key


class SupplierCredit(models.Model):
    """A supplier gave the price of one thing back, and the thing is cancelled with it; or a part
    of the price (`is_part`), and the thing stays and costs less.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="credits")
    # The key of the entry that brought the money, or that made the thing cheaper.
    key = models.CharField(max_length=200, unique=True)
    is_part = models.BooleanField(default=False)
    amount_minor = models.BigIntegerField()
    # Of a part: why. Why a thing was cancelled stands with the thing.
    reason = models.CharField(max_length=300, blank=True)
    # The account where the money arrived, e.g. `assets:bank:main`; empty where the price fell
    # before it was paid.
    bank_code = models.CharField(max_length=120, blank=True)
    credited_at = models.DateTimeField()
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=Q(is_part=False), name="whole_price_comes_back_once"
            ),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="credit_is_an_amount"),
            models.CheckConstraint(
                condition=Q(is_part=True) & ~Q(reason="") | Q(is_part=False) & ~Q(bank_code=""),
                name="credit_says_why_and_where",
            ),
        ]

    def __str__(self) -> str:
        return self.key
