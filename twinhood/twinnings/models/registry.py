"""The registry: bonds of places, what happened to them, and papers from before."""

from hashlib import sha256

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy

from twinhood.kit.fields import LocalTextField
from twinhood.people.models import Partnership, Person
from twinhood.places.models import Place
from twinhood.twinnings.core.records import PartialDate


class Twinning(models.Model):
    """The relation of two places, stored once: `a` is the one with the smaller GeoNames number.

    `a_id` and `b_id` are GeoNames numbers, so that the database itself can keep that order.
    """

    class Kind(models.TextChoices):
        SISTER = "sister", pgettext_lazy("twinning", "sister cities")
        FRIENDSHIP = "friendship", pgettext_lazy("twinning", "friendship")
        SOLIDARITY = "solidarity", pgettext_lazy("twinning", "solidarity partnership")
        COOPERATION = "cooperation", pgettext_lazy("twinning", "cooperation")

    class State(models.TextChoices):
        PROPOSED = "proposed", pgettext_lazy("twinning", "proposed")
        RESOLVED = "resolved", pgettext_lazy("twinning", "resolved")
        HALF_SIGNED = "half_signed", pgettext_lazy("twinning", "signed by one side")
        IN_FORCE = "in_force", pgettext_lazy("twinning", "in force")
        SUSPENDED = "suspended", pgettext_lazy("twinning", "suspended")
        ENDED = "ended", pgettext_lazy("twinning", "ended")
        EMERITUS = "emeritus", pgettext_lazy("twinning", "kept in honour")

    a = models.ForeignKey(
        Place, on_delete=models.PROTECT, to_field="geoname_id", related_name="twinnings_as_a"
    )
    b = models.ForeignKey(
        Place, on_delete=models.PROTECT, to_field="geoname_id", related_name="twinnings_as_b"
    )
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.SISTER)
    state = models.CharField(max_length=12, choices=State, default=State.IN_FORCE)
    # A link that only lists of sister cities name, without a dated fact, is not confirmed.
    is_confirmed = models.BooleanField(default=False)
    since_year = models.PositiveSmallIntegerField(null=True, blank=True)
    partnership = models.OneToOneField(
        Partnership, on_delete=models.PROTECT, null=True, blank=True, related_name="twinning"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["a", "b"], name="twinning_stands_once"),
            models.CheckConstraint(condition=Q(a__lt=F("b")), name="twinning_joins_two_places"),
        ]

    def __str__(self) -> str:
        return f"{self.a} – {self.b}"

    def other(self, place: Place) -> Place:
        """The far end, seen from `place`."""
        return self.b if place.geoname_id == self.a_id else self.a


class Milestone(models.Model):
    """A dated, sourced fact of a twinning. `date_digits` says how exact the date is."""

    class Kind(models.TextChoices):
        CONTACT = "contact", pgettext_lazy("milestone", "first contact")
        PROPOSED = "proposed", pgettext_lazy("milestone", "proposed")
        RESOLUTION = "resolution", pgettext_lazy("milestone", "resolution")
        SIGNED = "signed", pgettext_lazy("milestone", "signed")
        IN_FORCE = "in_force", pgettext_lazy("milestone", "in force")
        RENAMED = "renamed", pgettext_lazy("milestone", "place renamed")
        SUSPENDED = "suspended", pgettext_lazy("milestone", "suspended")
        RESUMED = "resumed", pgettext_lazy("milestone", "resumed")
        ENDED = "ended", pgettext_lazy("milestone", "ended")
        EMERITUS = "emeritus", pgettext_lazy("milestone", "kept in honour")
        OTHER = "other", pgettext_lazy("milestone", "other")

    twinning = models.ForeignKey(Twinning, on_delete=models.CASCADE, related_name="milestones")
    kind = models.CharField(max_length=12, choices=Kind)
    date = models.DateField()
    # 4 = only the year is known, 6 = year and month, 8 = the day.
    date_digits = models.PositiveSmallIntegerField(default=8)
    text = LocalTextField()
    source = models.CharField(max_length=300)
    # The state that the twinning took by this, who decided it, and for which of the two places.
    state = models.CharField(max_length=12, choices=Twinning.State, blank=True)
    decided_by = LocalTextField(null=True, blank=True)
    place = models.ForeignKey(
        Place, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(date_digits__in=[4, 6, 8]), name="milestone_date_is_year_month_or_day"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="milestone_names_its_source"),
            models.CheckConstraint(
                condition=Q(state="") | Q(decided_by__isnull=False),
                name="change_of_state_names_who_decided",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.kind}"

    @property
    def when(self) -> str:
        """The date in the reader's language, no more exact than it is known."""
        known = PartialDate(self.date, self.date_digits)
        return known.in_words(get_language() or settings.LANGUAGE_CODE)


class TwinningSource(models.Model):
    """A public list that names the twinning."""

    twinning = models.ForeignKey(Twinning, on_delete=models.CASCADE, related_name="sources")
    name = models.CharField(max_length=300)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["twinning", "name"], name="source_is_named_once")
        ]

    def __str__(self) -> str:
        return self.name


class Agreement(models.Model):
    """The common will as a whole; it has one or more instruments."""

    twinning = models.ForeignKey(Twinning, on_delete=models.PROTECT, related_name="agreements")
    title = LocalTextField()
    aim = LocalTextField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.title)


class Instrument(models.Model):
    """One signed paper: a proclamation, a memorandum, a companion proclamation."""

    class Kind(models.TextChoices):
        PROCLAMATION = "proclamation", pgettext_lazy("instrument", "proclamation")
        MEMORANDUM = "memorandum", pgettext_lazy("instrument", "memorandum of understanding")

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="instruments")
    kind = models.CharField(max_length=12, choices=Kind)
    title = LocalTextField()
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agreement", "position"], name="instrument_has_its_own_place"
            )
        ]

    def __str__(self) -> str:
        return str(self.title)


class Signature(models.Model):
    """Who signed an instrument, in which office, on what legal basis, where and when.

    `signed_at` is null where only the day is known. What stands here is recorded from the named
    source; it proves nothing by itself.
    """

    instrument = models.OneToOneField(
        Instrument, on_delete=models.PROTECT, related_name="signature"
    )
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    signatory = LocalTextField()
    office = LocalTextField()
    legal_basis = LocalTextField(null=True, blank=True)
    signed_date = models.DateField()
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_where = LocalTextField()
    position = models.PositiveSmallIntegerField()
    source = models.CharField(max_length=300)

    def __str__(self) -> str:
        return f"{self.signatory}, {self.signed_date}"

    @property
    def seal_hex(self) -> str:
        """What its half of the seal is drawn from: the recorded facts. A picture, no proof."""
        facts = (
            self.instrument.title.in_language("en")[0],
            self.signatory.in_language("en")[0],
            self.signed_date.isoformat(),
            self.source,
        )
        return sha256("\n".join(facts).encode()).hexdigest()
