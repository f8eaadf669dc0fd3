"""What a donor filled in before money moved, what repeats, and what a rail told us of it."""

from django.db import models
from django.db.models import F, Q

from twinhood.giving.models.gift import Donor, Gift
from twinhood.ledger.models import AMOUNT_MINOR_MAX, Fund
from twinhood.needs.models import Need
from twinhood.people.models import Partnership


class Pledge(models.Model):
    """One filled-in form of the giving page. Amounts are minor units of `currency`.

    A donor waits while it is written, so it has no index that nobody searches by.

    `amount_minor` is all that the donor pays; `cover_minor` is the part of it that they added so
    that the fee takes nothing from the purpose.
    """

    class Rhythm(models.TextChoices):
        ONCE = "once", "once"
        MONTHLY = "monthly", "monthly"

    class State(models.TextChoices):
        MADE = "made", "made"
        # Sent on to the rail, or told how to transfer; the money is not here.
        STARTED = "started", "started"
        # For monthly: the first gift is here.
        SETTLED = "settled", "settled"
        # The donor or the rail gave up; it can be begun anew with the same form.
        FAILED = "failed", "failed"
        EXPIRED = "expired", "expired"

    class Rule(models.TextChoices):
        """Which receipt the donor's tax residence asks for."""

        US = "us", "United States"
        UK_GIFT_AID = "uk_gift_aid", "United Kingdom"
        EU = "eu", "European Union"
        UA = "ua", "Ukraine"

    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, related_name="pledges", db_index=False
    )
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="pledges", db_index=False)
    # Set when it is for one need alone.
    need = models.ForeignKey(
        Need,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="pledges",
        db_index=False,
    )
    rail = models.CharField(max_length=20)
    # Made with the empty form: the form sent twice is one pledge; with another body it is refused.
    form_key = models.UUIDField(unique=True)
    form_digest = models.BinaryField(max_length=32)
    # What a donor types into a transfer: ISO 11649, with check digits.
    # Unique by a constraint: `unique=True` would bring a second index, for searches by prefix.
    reference = models.CharField(max_length=25)
    # The donor's own link to this pledge, as SHA-256.
    secret_hash = models.BinaryField(max_length=32, unique=True)
    donor = models.ForeignKey(
        Donor, on_delete=models.PROTECT, null=True, blank=True, related_name="pledges"
    )
    shows_name = models.BooleanField(default=False)
    tells_organiser = models.BooleanField(default=False)
    amount_minor = models.BigIntegerField()
    cover_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    rhythm = models.CharField(max_length=8, choices=Rhythm, default=Rhythm.ONCE)
    # The words under which the donor gave, kept as they were.
    purpose = models.CharField(max_length=300)
    # "In honour of …", and who matches it: sealed with the donor's key where there is a donor.
    sealed_words = models.BinaryField(null=True)
    rule = models.CharField(max_length=12, choices=Rule, default=Rule.US)
    has_gift_aid = models.BooleanField(default=False)
    language = models.CharField(max_length=12, default="en")
    state = models.CharField(max_length=8, choices=State, default=State.MADE)
    # Why it failed, as a code that the page puts into words.
    problem = models.CharField(max_length=60, blank=True)
    # What the rail calls it (a checkout session).
    rail_ref = models.CharField(max_length=200, blank=True)
    gift = models.OneToOneField(
        Gift, on_delete=models.PROTECT, null=True, blank=True, related_name="pledge"
    )
    # Where it was sent from, as a keyed hash, for the limits; taken away after some hours.
    sent_from = models.BinaryField(max_length=16, null=True)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    amount_minor__gt=0,
                    amount_minor__lte=AMOUNT_MINOR_MAX,
                    cover_minor__gte=0,
                    cover_minor__lt=F("amount_minor"),
                ),
                name="pledge_is_more_than_its_cover",
            ),
            models.CheckConstraint(
                condition=Q(form_digest__length=32, secret_hash__length=32),
                name="pledge_has_whole_hashes",
            ),
            models.UniqueConstraint(fields=["reference"], name="pledge_has_its_own_reference"),
            models.UniqueConstraint(
                fields=["rail", "rail_ref"],
                condition=~Q(rail_ref=""),
                name="pledge_is_begun_once_at_its_rail",
            ),
        ]
        indexes = [
            models.Index(fields=["partnership", "state", "made_at"], name="pledge_by_its_state"),
        ]

    def __str__(self) -> str:
        return self.reference


class RecurringGift(models.Model):
    """A gift each month, until the donor ends it. `day` 31 means the last day of a month."""

    class State(models.TextChoices):
        ACTIVE = "active", "active"
        PAUSED = "paused", "paused"
        # The last payment was refused; the rail tries again.
        FAILING = "failing", "failing"
        # Held by us: what it is for needs the donor's decision first.
        HELD = "held", "held"
        ENDED = "ended", "ended"

    pledge = models.OneToOneField(Pledge, on_delete=models.PROTECT, related_name="recurring")
    # What the rail calls it (a subscription).
    rail_ref = models.CharField(max_length=200, unique=True)
    amount_minor = models.BigIntegerField()
    cover_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    day = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.ACTIVE)
    paused_until_date = models.DateField(null=True, blank=True)
    next_date = models.DateField(null=True, blank=True)
    problem = models.CharField(max_length=60, blank=True)
    began_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    amount_minor__gt=0, cover_minor__gte=0, cover_minor__lt=F("amount_minor")
                ),
                name="recurring_gift_is_more_than_its_cover",
            ),
            models.CheckConstraint(
                condition=Q(day__gte=1, day__lte=31), name="recurring_gift_has_a_day"
            ),
            models.CheckConstraint(
                condition=Q(state="ended", ended_at__isnull=False)
                | (~Q(state="ended") & Q(ended_at__isnull=True)),
                name="recurring_gift_says_when_it_ended",
            ),
        ]

    def __str__(self) -> str:
        return self.rail_ref


class RecurringPeriod(models.Model):
    """One month of a recurring gift and the gift that it brought: never two for one period."""

    recurring = models.ForeignKey(RecurringGift, on_delete=models.PROTECT, related_name="periods")
    # The first day of the period as the rail counts it.
    begins_date = models.DateField()
    gift = models.OneToOneField(Gift, on_delete=models.PROTECT, related_name="period")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["recurring", "begins_date"], name="recurring_gift_comes_once_a_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recurring} {self.begins_date}"


class Notice(models.Model):
    """What a rail told us, as it came, stored before anything is made of it.

    It holds what says nothing of a person: names of objects and kinds. The object itself is read
    again from the rail when the notice is handled, so neither order nor repetition matters.
    """

    rail = models.CharField(max_length=20)
    # What the rail calls the notice; the same name is the same notice.
    rail_ref = models.CharField(max_length=200)
    kind = models.CharField(max_length=80)
    # The object that it is about, and the test or live mode of its account.
    about = models.CharField(max_length=200, blank=True)
    # Whose it turned out to be when it was handled.
    pledge = models.ForeignKey(
        Pledge, on_delete=models.PROTECT, null=True, blank=True, related_name="notices"
    )
    is_live = models.BooleanField(default=False)
    # The bytes as they came, sealed: they may name a person.
    sealed_body = models.BinaryField()
    arrivals = models.PositiveIntegerField(default=1)
    arrived_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    # What came of it, as a code; with a problem it waits for a person.
    outcome = models.CharField(max_length=60, blank=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["rail", "rail_ref"], name="notice_is_stored_once"),
        ]
        indexes = [
            models.Index(
                fields=["arrived_at"],
                condition=Q(handled_at__isnull=True),
                name="notice_that_waits",
            ),
            models.Index(fields=["about"], name="notice_by_its_object"),
        ]

    def __str__(self) -> str:
        return f"{self.rail} {self.rail_ref}"
