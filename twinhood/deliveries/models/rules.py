"""The rules of a partnership's orders, each with who proposed it, who agreed, and when."""

from django.db import models
from django.db.models import F, Q

from twinhood.deliveries.core.ceiling import CEILING_PERCENT
from twinhood.ledger.models import AMOUNT_MINOR_MAX
from twinhood.people.models import Organisation, Partnership, Person


class OrderRules(models.Model):
    """What a partnership asks of its purchases, where it is not what everybody's rules are.

    The newest row that was agreed to holds. Rows without a proposer are from before rules were
    proposed and agreed to on a page.
    """

    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, related_name="order_rules"
    )
    # Orders above this amount need so many quotes, or a written reason why there are fewer.
    quotes_limit_minor = models.BigIntegerField(default=0)
    quotes_limit_currency = models.CharField(max_length=3, default="USD")
    quotes_needed = models.PositiveSmallIntegerField(default=3)
    # Orders to one supplier within so many days count together against the limit.
    together_days = models.PositiveSmallIntegerField(default=30)
    ceiling_percent = models.PositiveSmallIntegerField(default=CEILING_PERCENT)
    reason = models.CharField(max_length=500, blank=True)
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    proposed_for = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+"
    )
    proposed_at = models.DateTimeField(null=True)
    # None until somebody else of another organisation has decided.
    is_agreed = models.BooleanField(null=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    decided_for = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ceiling_percent__lte=20, quotes_needed__gte=3, together_days__gte=7),
                name="order_rules_are_not_given_up",
            ),
            models.CheckConstraint(
                condition=Q(quotes_limit_minor__gte=0, quotes_limit_minor__lte=AMOUNT_MINOR_MAX),
                name="limit_for_quotes_is_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(is_agreed=None, decided_by=None, decided_for=None, decided_at=None)
                | Q(is_agreed=True, proposed_by=None)
                | (
                    Q(is_agreed__isnull=False, decided_by__isnull=False,
                      decided_for__isnull=False, decided_at__isnull=False)
                    & ~Q(decided_by=F("proposed_by"))
                    & ~Q(decided_for=F("proposed_for"))
                ),
                name="order_rules_are_agreed_to_by_another_of_another_body",
            ),
            models.UniqueConstraint(
                fields=["partnership"], condition=Q(is_agreed=None),
                name="one_change_of_order_rules_waits",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"rules of {self.partnership}"
