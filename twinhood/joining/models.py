"""Claims of cities and what was found of them; pairings and what both cities said."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from twinhood.people.models import Organisation, Partnership, Person
from twinhood.places.models import Place


class Claim(models.Model):
    """Somebody says that they act for a city. Private, whatever becomes of it."""

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("claim", "being looked at")
        CONFIRMED = "confirmed", pgettext_lazy("claim", "confirmed")
        REFUSED = "refused", pgettext_lazy("claim", "refused")
        WITHDRAWN = "withdrawn", pgettext_lazy("claim", "withdrawn")

    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="claims")
    made_at = models.DateTimeField()
    # Made with the empty form, so that sending it twice makes one claim.
    form_key = models.UUIDField(unique=True)
    # Of the registry; none where what was typed is no place that we know.
    place = models.ForeignKey(
        Place, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    place_text = models.CharField(max_length=120)
    name = models.CharField(max_length=200)
    registry_code = models.CharField(max_length=40, blank=True)
    website = models.CharField(max_length=200)
    email = models.EmailField()
    office = models.CharField(max_length=120)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    mail_asked_at = models.DateTimeField(null=True, blank=True)
    mail_confirmed_at = models.DateTimeField(null=True, blank=True)
    # A call to a number that stands in an official register, never to one that the claim names.
    called_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    called_at = models.DateTimeField(null=True, blank=True)
    called_number = models.CharField(max_length=40, blank=True)
    called_source = models.CharField(max_length=300, blank=True)
    called_answer = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    organisation = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["place"],
                condition=Q(state="confirmed"),
                name="a_city_is_confirmed_once",
            ),
            models.CheckConstraint(
                condition=Q(mail_confirmed_at__isnull=True) | Q(mail_asked_at__isnull=False),
                name="mail_is_confirmed_after_it_was_sent",
            ),
            models.CheckConstraint(
                condition=Q(called_by__isnull=True, called_at__isnull=True)
                | Q(called_by__isnull=False, called_at__isnull=False)
                & ~Q(called_number="")
                & ~Q(called_source=""),
                name="a_call_names_its_number_and_register",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed")
                | Q(
                    place__isnull=False,
                    mail_confirmed_at__isnull=False,
                    called_by__isnull=False,
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                    organisation__isnull=False,
                )
                & ~Q(registry_code=""),
                name="a_confirmed_claim_lacks_nothing",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed")
                | ~Q(decided_by=F("called_by")) & ~Q(decided_by=F("by")) & ~Q(called_by=F("by")),
                name="three_people_stand_behind_a_confirmed_claim",
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(reason=""), name="a_refused_claim_says_why"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def body(self) -> tuple[Place, Organisation]:
        """Of a confirmed claim: the city, and who governs it. Raises ValueError for others."""
        if self.place is None or self.organisation is None:
            raise ValueError("only a confirmed claim has a body")
        return self.place, self.organisation


class Pairing(models.Model):
    """Two confirmed cities, brought together; it is theirs to say yes."""

    giving = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="+")
    receiving = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    note = models.CharField(max_length=500, blank=True)
    giving_at = models.DateTimeField(null=True, blank=True)
    receiving_at = models.DateTimeField(null=True, blank=True)
    # Which of the two said no, if one did, and why.
    declined_by = models.ForeignKey(
        Claim, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    declined_at = models.DateTimeField(null=True, blank=True)
    declined_reason = models.CharField(max_length=500, blank=True)
    partnership = models.OneToOneField(
        Partnership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(giving=F("receiving")), name="a_pair_joins_two_cities"
            ),
            models.UniqueConstraint(
                fields=["giving", "receiving"],
                condition=Q(declined_by__isnull=True),
                name="a_pair_is_proposed_once",
            ),
            models.CheckConstraint(
                condition=Q(partnership__isnull=True)
                | Q(
                    giving_at__isnull=False,
                    receiving_at__isnull=False,
                    declined_by__isnull=True,
                ),
                name="a_partnership_opens_once_both_said_yes",
            ),
            models.CheckConstraint(
                condition=Q(declined_by__isnull=True)
                | Q(declined_by=F("giving"))
                | Q(declined_by=F("receiving")),
                name="one_of_the_two_declines",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.giving} – {self.receiving}"
