"""A refund that somebody wants to make. Amounts are minor units of the gift's currency."""

from django.db import models
from django.db.models import F, Q

from twinhood.giving.models.gift import Gift, Refund
from twinhood.people.models import Person

# States in which money has left, or may leave at any moment.
_UNDER_WAY = ["sent", "booked"]


class RefundRequest(models.Model):
    """A refund on its way: proposed, confirmed by a second person above a limit, sent, booked.

    Nothing is booked before the rail confirmed that the money went back.
    """

    class State(models.TextChoices):
        # It waits for a second person.
        PROPOSED = "proposed", "proposed"
        # The rail was told, or is about to be; it has not confirmed.
        SENT = "sent", "sent"
        BOOKED = "booked", "booked"
        REFUSED = "refused", "refused"
        WITHDRAWN = "withdrawn", "withdrawn"

    gift = models.ForeignKey(Gift, on_delete=models.PROTECT, related_name="refund_requests")
    amount_minor = models.BigIntegerField()
    reason = models.CharField(max_length=300)
    # How many refunds of the gift the person had seen: so the same form sent twice is one request.
    earlier = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=State, default=State.PROPOSED)
    needs_second = models.BooleanField()
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)
    refund = models.OneToOneField(
        Refund, on_delete=models.PROTECT, null=True, blank=True, related_name="request"
    )
    # Why the rail or the books refused, as a code.
    problem = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="refund_asks_for_some"),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")),
                name="refund_is_not_confirmed_by_who_proposed_it",
            ),
            models.CheckConstraint(
                condition=Q(needs_second=False)
                | ~Q(state__in=_UNDER_WAY)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="large_refund_has_two_people",
            ),
            models.CheckConstraint(
                condition=~Q(state="booked") | Q(refund__isnull=False),
                name="booked_request_has_its_refund",
            ),
            models.UniqueConstraint(
                fields=["gift"],
                condition=Q(state__in=["proposed", "sent"]),
                name="gift_has_one_refund_under_way",
            ),
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def key(self) -> str:
        """What a rail is told, so that it sends the money once."""
        return f"refund-{self.gift.ref}-{self.pk}"
