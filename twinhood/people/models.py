"""Persons, organisations, partnerships and roles."""

from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from twinhood.kit import clock
from twinhood.kit.fields import LocalTextField
from twinhood.people.core.bodies import LegalForm
from twinhood.people.core.permissions import RoleName
from twinhood.places.models import Place


class PersonManager(BaseUserManager["Person"]):
    def create_user(self, email: str, password: str | None = None, **more: Any) -> "Person":
        """Create a person; without a password they sign in by code, passkey or TOTP."""
        person = self.model(email=self.normalize_email(email).lower(), **more)
        if password:
            person.set_password(password)
        else:
            person.set_unusable_password()
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser):
    """Somebody who signs in. A donor is not a person unless they sign up."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=12, default="en")
    is_active = models.BooleanField(default=True)
    # Runs the server; sees no more money than anyone.
    is_operator = models.BooleanField(default=False)
    # Set only by the example; such a person can be "become" on the page that offers it.
    is_example = models.BooleanField(default=False)
    joined_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[PersonManager] = PersonManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower("email")),
                name="person_email_is_lower_case",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email


class Organisation(models.Model):
    """A body that acts: a city's administration, a charity, a hospital, a supplier, a newsroom."""

    class Kind(models.TextChoices):
        CITY = "city", "city administration"
        CHARITY = "charity", "charity"
        BENEFICIARY = "beneficiary", "beneficiary"
        SUPPLIER = "supplier", "supplier"
        NEWSROOM = "newsroom", "newsroom"

    kind = models.CharField(max_length=12, choices=Kind)
    name = LocalTextField()
    place = models.ForeignKey(Place, on_delete=models.PROTECT, null=True, blank=True)
    registry_code = models.CharField(max_length=40, blank=True)
    # What it is in law; "" where nobody said. Vehicles go to bodies of the public hand only.
    legal_form = models.CharField(
        max_length=20, choices=[(form.value, form.value) for form in LegalForm], blank=True
    )
    is_example = models.BooleanField(default=False)

    def __str__(self) -> str:
        return str(self.name)


class Partnership(models.Model):
    """A twinning at work here: the tenant. Every row that belongs to it carries its id."""

    slug = models.SlugField(max_length=120, unique=True)
    giving_place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    receiving_place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    recipient = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    guarantor = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="+", null=True, blank=True
    )
    is_conflict_zone = models.BooleanField(default=False)
    need_delay_hours = models.PositiveSmallIntegerField(default=72)
    delivery_delay_days = models.PositiveSmallIntegerField(default=14)
    is_example = models.BooleanField(default=False)
    opened_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(giving_place=F("receiving_place")),
                name="partnership_joins_two_places",
            ),
            models.CheckConstraint(
                condition=Q(delivery_delay_days__lte=90),
                name="partnership_delay_is_at_most_90_days",
            ),
        ]

    def __str__(self) -> str:
        return self.slug

    @property
    def receiving_today(self) -> date:
        """Today where the things arrive: days of needs, customs, hand-overs count there."""
        return clock.today_in(self.receiving_place.time_zone)

    @property
    def verifiers_needed(self) -> int:
        """How many people must verify a need: two where the partnership is in a conflict zone."""
        return 2 if self.is_conflict_zone else 1


class FormerSlug(models.Model):
    """An address that a partnership had before its city was renamed: it leads on for ever."""

    slug = models.SlugField(max_length=120, unique=True)
    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, related_name="former_slugs"
    )
    until_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.slug


class Vouching(models.Model):
    """Two people of other bodies know anew who acts for one whose city was occupied.

    `how`: what one of them did to find out; `confirmed_by` is the second.
    """

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="vouchings")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="vouchings"
    )
    how = models.CharField(max_length=600)
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | (Q(confirmed_at__isnull=False) & ~Q(confirmed_by=F("proposed_by"))),
                name="nobody_confirms_their_own_vouching",
            ),
            models.UniqueConstraint(
                fields=["partnership", "organisation"],
                condition=Q(confirmed_at__isnull=True),
                name="one_vouching_waits_for_a_body",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} for {self.partnership}"


class Reminders(models.Model):
    """How a person is reminded of what waits: a letter a day, without some kinds; a calendar."""

    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="reminders")
    is_daily = models.BooleanField(default=True)
    # Codes of kinds (`waiting.Kind`) that neither letter nor calendar shows.
    muted = models.JSONField(default=list)
    # SHA-256 of the calendar's secret address; none while there is no calendar.
    feed_hash = models.CharField(max_length=64, null=True, blank=True, unique=True)
    last_sent_date = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"reminders of {self.person}"


class RoleQuerySet(models.QuerySet["Role"]):
    def held(self, on: Any) -> "RoleQuerySet":
        """Roles in force on a date."""
        return self.filter(since_date__lte=on).filter(
            Q(until_date__isnull=True) | Q(until_date__gt=on)
        )


class Role(models.Model):
    """A person acting for an organisation in a partnership, from a date until a date."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="roles")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="roles")
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="roles")
    name = models.CharField(max_length=12, choices=[(r.value, r.value) for r in RoleName])
    since_date = models.DateField()
    until_date = models.DateField(null=True, blank=True)

    objects = RoleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "organisation", "partnership", "name"],
                condition=Q(until_date__isnull=True),
                name="role_is_held_once",
            ),
            models.CheckConstraint(
                condition=Q(until_date__isnull=True) | Q(until_date__gte=F("since_date")),
                name="role_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} as {self.name} of {self.organisation}"


class IdentityCheck(models.Model):
    """Somebody else saw the person and their document; two who read the same make them known.

    Of what they read there is only the key (core.identity). Rows are never changed.
    """

    class Paper(models.TextChoices):
        PASSPORT = "passport", "passport"
        CARD = "card", "identity card"
        LICENCE = "licence", "driving licence"

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="identity_checks")
    key = models.CharField(max_length=64)
    paper = models.CharField(max_length=10, choices=Paper)
    checked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "checked_by", "key"], name="identity_is_checked_once_by_each"
            ),
            models.CheckConstraint(
                condition=~Q(person=F("checked_by")), name="nobody_checks_their_own_identity"
            ),
        ]
        indexes = [models.Index(fields=["key"], name="identity_by_key")]

    def __str__(self) -> str:
        return f"{self.person} seen by {self.checked_by}"
