"""The donor's place: visits by a link from a letter, and the moments that donors are told of."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from twinhood.people.models import Partnership


class Visit(models.Model):
    """Somebody who can read a donor's mail asked to enter. The link in the letter opens it once.

    The cookie names the visit, signed; whether it still stands is read here, so that leaving ends
    it at once, wherever the cookie has got to.
    """

    # One person may be a donor in several partnerships: all of one address.
    donors = ArrayField(models.BigIntegerField())
    asked_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["asked_at"], name="visit_by_its_day")]

    def __str__(self) -> str:
        return f"visit {self.pk}"


class Moment(models.Model):
    """Something that donors are told of: bought, handed over, what became of it.

    Written when it is known to everybody, and told from donor to donor: `told_minor` says how far
    along the cents that paid for it, so that a break is gone on with and nobody is told twice.
    """

    class Kind(models.TextChoices):
        BOUGHT = "bought", "bought"
        HANDED_OVER = "handed_over", "handed over"
        A_YEAR = "a_year", "a year later"
        FOLLOW_UP = "follow_up", "its holder said how it fares"
        INCIDENT = "incident", "an incident was made public"
        CREDITED = "credited", "its supplier gave the price back"

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=11, choices=Kind)
    # The order of what was bought, else the code of the thing; behind a colon, the months of an
    # answer, the number of an incident, or the credit of a part of the price.
    about = models.CharField(max_length=40)
    happened_date = models.DateField()
    told_minor = models.BigIntegerField(default=0)
    told_at = models.DateTimeField(null=True, blank=True)
    # Taken out of the public again before all letters were away.
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "kind", "about"], name="moment_happens_once"
            ),
            models.CheckConstraint(condition=Q(told_minor__gte=0), name="moment_is_told_forward"),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(told_at__isnull=True), name="moment_that_waits"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.about}"
