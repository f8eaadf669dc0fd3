"""Requests for quotes, what quotes say beside their price, and the rates to compare them at."""

from django.db import models
from django.db.models import Q

from twinhood.needs.models import Need, Quote
from twinhood.people.models import Organisation, Person


class QuoteRequest(models.Model):
    """Suppliers were asked for a price of so many things, by a day. It stays as it was asked."""

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="quote_requests")
    quantity = models.PositiveIntegerField()
    # What the buyer wrote beside what the need says; empty where that was enough.
    more = models.TextField(blank=True)
    # The last day for answers.
    by_date = models.DateField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_for = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    # Made with the empty form, so that sending it twice asks once.
    form_key = models.UUIDField(unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="quote_request_asks_for_some")
        ]

    def __str__(self) -> str:
        return f"quotes for {self.need} by {self.by_date}"


class QuoteReminder(models.Model):
    """That who asked for quotes was reminded when their last day had passed: once."""

    request = models.OneToOneField(QuoteRequest, on_delete=models.PROTECT, related_name="reminder")
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"reminder of {self.request}"


class AskedSupplier(models.Model):
    """One supplier that was asked, in which words, and the quote that came."""

    request = models.ForeignKey(QuoteRequest, on_delete=models.PROTECT, related_name="asked")
    supplier = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="asked")
    # Empty: the letter goes by other ways.
    email = models.EmailField(blank=True)
    language = models.CharField(max_length=8)
    # The letter, exactly as it is sent.
    subject = models.CharField(max_length=300)
    letter = models.TextField()
    sent_at = models.DateTimeField(null=True, blank=True)
    quote = models.OneToOneField(
        Quote, on_delete=models.PROTECT, null=True, blank=True, related_name="answers"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request", "supplier"], name="supplier_is_asked_once_in_a_request"
            ),
            models.CheckConstraint(
                condition=~Q(letter="") & ~Q(subject=""), name="asked_supplier_has_a_letter"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier}, asked"


class QuoteTerms(models.Model):
    """What a quote says beside its price; the newest row of a quote holds."""

    class Vat(models.TextChoices):
        INCLUDED = "included", "in the price"
        ON_TOP = "on_top", "on top of the price"
        NOT_DUE = "not_due", "not due"

    quote = models.ForeignKey(Quote, on_delete=models.PROTECT, related_name="terms")
    # None, or empty: the quote does not say.
    delivery_days = models.PositiveSmallIntegerField(null=True, blank=True)
    warranty_months = models.PositiveSmallIntegerField(null=True, blank=True)
    vat = models.CharField(max_length=8, choices=Vat, blank=True)
    # Of the price, in thousandths; with tax on top of it only.
    vat_permille = models.PositiveSmallIntegerField(default=0)
    said_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    said_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(vat="on_top", vat_permille__gt=0, vat_permille__lte=500)
                | (~Q(vat="on_top") & Q(vat_permille=0)),
                name="tax_on_top_says_how_much",
            ),
            models.CheckConstraint(
                condition=Q(vat__in=["", "included", "on_top", "not_due"]),
                name="quote_terms_know_their_tax",
            ),
        ]

    def __str__(self) -> str:
        return f"terms of {self.quote}"


class QuoteRate(models.Model):
    """At which rate quotes of a need are compared: who says so, of which day, entered by whom.

    So many `quote_minor` of `currency` are `need_minor` of the need's; the newest row of a
    currency holds.
    """

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="quote_rates")
    currency = models.CharField(max_length=3)
    need_currency = models.CharField(max_length=3)
    quote_minor = models.BigIntegerField()
    need_minor = models.BigIntegerField()
    said_by = models.CharField(max_length=200)
    rate_date = models.DateField()
    entered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quote_minor__gt=0, need_minor__gt=0), name="quote_rate_is_positive"
            ),
            models.CheckConstraint(condition=~Q(said_by=""), name="quote_rate_names_its_source"),
            models.CheckConstraint(
                condition=~Q(currency=models.F("need_currency")),
                name="quote_rate_is_between_two_currencies",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} in {self.need_currency}, {self.rate_date}"
