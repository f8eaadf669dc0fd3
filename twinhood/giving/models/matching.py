"""A matcher's conditional pledge. Amounts are minor units of `currency`."""

from django.db import models
from django.db.models import F, Q

from twinhood.giving.core.matching_gift import RATIO_MAX, TIMES_MAX, Ratio
from twinhood.giving.models.gift import Donor, Gift
from twinhood.kit.fields import LocalTextField
from twinhood.kit.money import digits_of
from twinhood.ledger.models import AMOUNT_MINOR_MAX, Fund
from twinhood.people.models import Partnership, Person


class MatchOffer(models.Model):
    """Somebody adds to the gifts of others to one fund, up to a cap, within [from, until).

    `gives` for each `per` given, a fraction in lowest terms: 1 and 1 doubles gifts.

    What is owed is never stored: it follows from the gifts, their refunds and what was paid.
    """

    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, related_name="match_offers"
    )
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="match_offers")
    form_key = models.UUIDField(unique=True)
    matcher = models.ForeignKey(Donor, on_delete=models.PROTECT, related_name="match_offers")
    # Who doubles, as the world reads it.
    sentence = LocalTextField()
    cap_minor = models.BigIntegerField()
    gives = models.PositiveIntegerField(default=1)
    per = models.PositiveIntegerField(default=1)
    currency = models.CharField(max_length=3)
    from_at = models.DateTimeField()
    until_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(cap_minor__gt=0, cap_minor__lte=AMOUNT_MINOR_MAX),
                name="match_offer_has_a_cap",
            ),
            models.CheckConstraint(
                condition=Q(gives__range=(1, RATIO_MAX), per__range=(1, RATIO_MAX))
                & Q(gives__lte=F("per") * TIMES_MAX),
                name="match_offer_has_a_ratio",
            ),
            models.CheckConstraint(
                condition=Q(until_at__gt=F("from_at")), name="match_offer_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"match {self.pk}"

    @property
    def ratio(self) -> Ratio:
        return Ratio(self.gives, self.per)

    @property
    def is_double(self) -> bool:
        return self.gives == self.per

    @property
    def spoken(self) -> tuple[int, int]:
        """What is added, and for each of what, as two amounts that say the ratio well."""
        return self.ratio.spoken(10 ** digits_of(self.currency))


class MatchPayment(models.Model):
    """A gift of the matcher that pays what the offer owes; it is never matched itself."""

    offer = models.ForeignKey(MatchOffer, on_delete=models.PROTECT, related_name="payments")
    gift = models.OneToOneField(Gift, on_delete=models.PROTECT, related_name="match_payment")
    linked_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    linked_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.gift} for {self.offer}"
