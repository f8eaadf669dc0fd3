"""Invoices of suppliers."""

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Upper

from twinhood.deliveries.models.orders import Order
from twinhood.ledger.models import AMOUNT_MINOR_MAX
from twinhood.people.models import Organisation, Person


def key_of(number: F | Value) -> Func:
    """One number, however it was typed, in SQL."""
    return Func(Upper(number), Value(" .-–/\\_#№"), Value(""), function="translate")


class Invoice(models.Model):
    """What a supplier asks for an order, in minor units of the order's currency; paid by parts.

    An invoice for several orders is one row for each, with the part of that order.
    """

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="invoices")
    # Repeated from the order's quote, so that one number of one supplier is one invoice.
    supplier = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="invoices")
    number = models.CharField(max_length=80)
    # One number, however it was typed; computed by the database.
    number_key = models.GeneratedField(
        expression=key_of(F("number")),
        output_field=models.CharField(max_length=80),
        db_persist=True,
    )
    amount_minor = models.BigIntegerField()
    # What the whole invoice asks, where this is a part of it; None: it is for this order alone.
    total_minor = models.BigIntegerField(null=True, blank=True)
    invoice_date = models.DateField()
    # Why it is not for what was ordered and not yet invoiced; empty where it is exactly that.
    difference = models.CharField(max_length=500, blank=True)
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    # It was typed wrong, or the supplier took it back; only while nothing of it is paid.
    voided_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    voided_at = models.DateTimeField(null=True, blank=True)
    void_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            # Between orders a trigger looks: parts of one invoice add up to no more than it asks.
            models.UniqueConstraint(
                fields=["order", "number_key"],
                condition=Q(voided_at=None),
                name="invoice_stands_once_at_its_order",
            ),
            models.CheckConstraint(
                condition=Q(total_minor=None)
                | Q(total_minor__gt=F("amount_minor"), total_minor__lte=AMOUNT_MINOR_MAX),
                name="whole_invoice_is_more_than_its_part",
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, amount_minor__lte=AMOUNT_MINOR_MAX),
                name="invoice_asks_for_some",
            ),
            models.CheckConstraint(condition=~Q(number_key=""), name="invoice_has_a_number"),
            models.CheckConstraint(
                condition=Q(voided_at=None, voided_by=None)
                | Q(voided_at__isnull=False, voided_by__isnull=False) & ~Q(void_reason=""),
                name="voided_invoice_says_who_and_why",
            ),
        ]

    def __str__(self) -> str:
        return self.number
