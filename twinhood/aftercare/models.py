"""The nouns: follow-ups, questions about a holder, incidents."""

from django.db import models
from django.db.models import F, Q

from twinhood.aftercare.core.dates import MONTHS
from twinhood.deliveries.models import Order, Unit
from twinhood.documents.models import StoredFile
from twinhood.kit.fields import LocalTextField
from twinhood.people.models import Organisation, Partnership, Person


class FollowUp(models.Model):
    """How a thing fares at one date after its hand-over, in its holder's words."""

    class Condition(models.TextChoices):
        IN_USE = "in_use", "in use"
        REPAIRED = "repaired", "repaired, and in use again"
        UNUSED = "unused", "there, and not in use"
        MOVED = "moved", "moved to another place of the same body"
        STOLEN = "stolen", "stolen"
        DESTROYED = "destroyed", "destroyed"

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="follow_ups")
    months = models.PositiveSmallIntegerField()
    due_date = models.DateField()
    # Opens the holder's link; the link itself follows from `link_number` and our own key.
    secret_hash = models.BinaryField(max_length=32, unique=True)
    link_number = models.PositiveSmallIntegerField(default=1)
    link_until_date = models.DateField()
    asked_at = models.DateTimeField(null=True, blank=True)
    asked_times = models.PositiveSmallIntegerField(default=0)

    answered_at = models.DateTimeField(null=True, blank=True)
    condition = models.CharField(max_length=10, choices=Condition, blank=True)
    # Never public: the plate, and who answered.
    plate = models.CharField(max_length=20, blank=True)
    registered_holder = models.CharField(max_length=200, blank=True)
    mileage_km = models.PositiveIntegerField(null=True, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    answered_as = models.CharField(max_length=200, blank=True)
    form_key = models.UUIDField(null=True, blank=True, unique=True)
    # What the log holds of the answer.
    commitment = models.BinaryField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["unit", "months"], name="thing_is_asked_after_once_at_each_date"
            ),
            models.CheckConstraint(
                condition=Q(months__in=MONTHS), name="follow_up_has_one_of_its_dates"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, condition="")
                | Q(~Q(condition=""), ~Q(answered_as=""), answered_at__isnull=False),
                name="answer_says_how_it_fares_and_who_says_so",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit}, {self.months} months"


class FollowUpPhoto(models.Model):
    """A photo that came with an answer. The world sees it if the receiving side lets it."""

    follow_up = models.ForeignKey(FollowUp, on_delete=models.PROTECT, related_name="photos")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    is_released = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"{self.file} of {self.follow_up}"


class Question(models.Model):
    """An alarm: another holder is registered than the body that received the thing."""

    class State(models.TextChoices):
        OPEN = "open", "open"
        UNDER_QUESTION = "under_question", "under question, in public"
        CLEARED = "cleared", "cleared"

    follow_up = models.OneToOneField(FollowUp, on_delete=models.PROTECT, related_name="question")
    said = models.CharField(max_length=200)
    expected = LocalTextField()
    raised_at = models.DateTimeField()
    state = models.CharField(max_length=14, choices=State, default=State.OPEN)
    reason = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", decided_by__isnull=True, decided_at__isnull=True)
                | Q(
                    ~Q(state="open"),
                    ~Q(reason=""),
                    decided_by__isnull=False,
                    decided_at__isnull=False,
                ),
                name="question_is_decided_by_a_person_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.follow_up}: {self.said}"


class Incident(models.Model):
    """Something that went wrong: what, when it was found, what about, what was done."""

    class Severity(models.TextChoices):
        LOW = "low", "minor"
        SERIOUS = "serious", "serious"
        GRAVE = "grave", "grave"

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="incidents")
    number = models.PositiveIntegerField()
    severity = models.CharField(max_length=8, choices=Severity)
    title = LocalTextField()
    # In words that the world will read: bodies and offices, never people.
    what = LocalTextField()
    done = LocalTextField()
    found_date = models.DateField()
    units = models.ManyToManyField(Unit, related_name="incidents", blank=True)
    order = models.ForeignKey(
        Order, on_delete=models.PROTECT, null=True, blank=True, related_name="incidents"
    )
    amount_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    handled_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    # Counts the writings; a review is of one of them.
    revision = models.PositiveIntegerField(default=1)
    published_at = models.DateTimeField(null=True, blank=True)
    commitment = models.BinaryField(null=True, blank=True)
    form_key = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "number"], name="incident_number_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__isnull=True, currency="")
                | Q(~Q(currency=""), amount_minor__gt=0),
                name="incident_names_an_amount_with_its_currency",
            ),
        ]

    def __str__(self) -> str:
        return f"I-{self.number}"


class IncidentReview(models.Model):
    """One person's word that an incident may be public in exactly these words."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="reviews")
    revision = models.PositiveIntegerField()
    # Repeated from the incident, so that a check constraint can compare them.
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reviewed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["incident", "revision", "reviewed_by"], name="reviewer_reviews_once"
            ),
            models.UniqueConstraint(
                fields=["incident", "revision", "organisation"],
                name="reviewers_are_of_two_organisations",
            ),
            models.CheckConstraint(
                condition=~Q(reviewed_by=F("written_by")), name="nobody_reviews_their_own_incident"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incident} by {self.reviewed_by}"


class IncidentNote(models.Model):
    """What became known after an incident was public; added, never changed."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="notes")
    text = LocalTextField()
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.incident}: {self.text}"
