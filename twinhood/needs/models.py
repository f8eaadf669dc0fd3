"""Needs, their verification, quotes, and the campaigns that they enter."""

from django.db import models
from django.db.models import F, Q

from twinhood.documents.models import StoredFile
from twinhood.kit.fields import LocalTextField
from twinhood.ledger.models import AMOUNT_MINOR_MAX, Fund
from twinhood.people.models import Organisation, Partnership, Person


class Campaign(models.Model):
    """A basket of needs with a target. Amounts are minor units of `currency`."""

    class State(models.TextChoices):
        DRAFT = "draft", "draft"
        OPEN = "open", "open"
        CLOSED = "closed", "closed"

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="campaigns")
    slug = models.SlugField(max_length=80)
    title = LocalTextField()
    currency = models.CharField(max_length=3)
    fund = models.OneToOneField(Fund, on_delete=models.PROTECT, related_name="campaign")
    state = models.CharField(max_length=8, choices=State, default=State.DRAFT)
    # The equation: how many residents, counted when and by whom, and the slogan's sum for each.
    residents = models.PositiveIntegerField()
    residents_source = LocalTextField()
    slogan_per_head_minor = models.BigIntegerField()
    slogan_residents = models.PositiveIntegerField()
    slogan_source = LocalTextField()
    # Other ways to count the same people, where somebody counted them.
    households = models.PositiveIntegerField(null=True, blank=True)
    pupils = models.PositiveIntegerField(null=True, blank=True)
    heads_source = LocalTextField(null=True, blank=True)
    # What the charity states beforehand that it costs, of 10,000: 300 is 3 %. Part of the target.
    costs_per_10k = models.PositiveSmallIntegerField(default=0)
    costs_note = LocalTextField(null=True, blank=True)
    fallback_purpose = LocalTextField(null=True, blank=True)
    surplus_rule = LocalTextField(null=True, blank=True)
    ends_date = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partnership", "slug"], name="campaign_slug_is_unique"),
            models.CheckConstraint(
                condition=Q(state="draft")
                | Q(
                    fallback_purpose__isnull=False,
                    surplus_rule__isnull=False,
                    ends_date__isnull=False,
                ),
                name="campaign_says_first_what_becomes_of_the_rest",
            ),
            models.CheckConstraint(
                condition=Q(residents__gt=0, slogan_residents__gt=0, slogan_per_head_minor__gt=0),
                name="campaign_counts_people",
            ),
            models.CheckConstraint(
                condition=Q(costs_per_10k=0)
                | Q(costs_per_10k__lte=3_000, costs_note__isnull=False),
                name="campaign_says_what_it_costs",
            ),
        ]

    def __str__(self) -> str:
        return str(self.title)


class Need(models.Model):
    """A thing that the receiving side lacks. Price in minor units of `currency`, for one."""

    class State(models.TextChoices):
        DRAFT = "draft", "draft"
        SUBMITTED = "submitted", "submitted"
        VERIFIED = "verified", "verified"
        WITHDRAWN = "withdrawn", "withdrawn"
        REJECTED = "rejected", "rejected"

    class Category(models.TextChoices):
        AMBULANCE = "ambulance", "ambulance"
        TRUCK = "truck", "municipal truck"
        MRI = "mri", "medical device"
        GENERATOR = "generator", "generator"
        ENERGY = "energy", "power and heat"
        WATER = "water", "water"
        OTHER = "other", "other"

    class Priority(models.TextChoices):
        URGENT = "urgent", "lives depend on it"
        SOON = "soon", "needed soon"
        PLANNED = "planned", "planned"

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="needs")
    number = models.PositiveIntegerField()
    category = models.CharField(max_length=12, choices=Category)
    # A code of the catalogue; empty for a thing of its own.
    kind = models.CharField(max_length=40, blank=True)
    # Answers to the catalogue's questions, by the question's code.
    specification = models.JSONField(default=dict, blank=True)
    # It may need a licence to leave a country or to enter one, as armour, radios and drones do.
    may_need_licence = models.BooleanField(default=False)
    priority = models.CharField(max_length=8, choices=Priority, default=Priority.PLANNED)
    needed_by_date = models.DateField(null=True, blank=True)
    title = LocalTextField()
    # The name of one of them ("ambulance"), for "8 × …" and "ambulance 3".
    unit_title = LocalTextField()
    why = LocalTextField()
    quantity = models.PositiveIntegerField()
    unit_price_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    price_note = LocalTextField(null=True, blank=True)
    beneficiary = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="needs")
    # Whether a relative or a business partner of the writer or of the beneficiary's head would
    # gain by it, and how; None: it was written before this was asked.
    has_relation = models.BooleanField(null=True, blank=True)
    relation = models.TextField(blank=True)
    # Why it is not the same as a need that looks like it; whoever verifies it reads this.
    why_not_the_same = models.TextField(blank=True)
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT)
    state_reason = models.TextField(blank=True)
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="needs_written")
    written_for = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    # Made with the empty form, so that sending it twice writes one need.
    form_key = models.UUIDField(null=True, blank=True, unique=True)
    # Counts the edits after it was submitted; verifications hold for one revision.
    revision = models.PositiveSmallIntegerField(default=1)
    submitted_at = models.DateTimeField(null=True, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    # Until when somebody said that it is still true; None where nobody was asked.
    confirmed_until_date = models.DateField(null=True, blank=True)
    # How many of `quantity` others have brought meanwhile.
    covered = models.PositiveIntegerField(default=0)
    # Money given for this need alone; orders take it before the campaign's.
    fund = models.OneToOneField(
        Fund, on_delete=models.PROTECT, null=True, blank=True, related_name="need"
    )
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, null=True, blank=True, related_name="needs"
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partnership", "number"], name="need_number_is_unique"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, quantity__lte=100_000), name="need_asks_for_some"
            ),
            models.CheckConstraint(
                condition=Q(unit_price_minor__gt=0, unit_price_minor__lte=AMOUNT_MINOR_MAX),
                name="need_has_a_price",
            ),
            models.CheckConstraint(
                condition=Q(campaign__isnull=True) | Q(verified_at__isnull=False),
                name="only_a_verified_need_enters_a_campaign",
            ),
            models.CheckConstraint(
                condition=~Q(state="verified") | Q(verified_at__isnull=False),
                name="verified_need_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["withdrawn", "rejected"]) | ~Q(state_reason=""),
                name="need_is_not_given_up_without_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(covered__lt=F("quantity")), name="covered_need_asks_for_the_rest"
            ),
            models.CheckConstraint(
                condition=~Q(has_relation=True) | ~Q(relation=""),
                name="need_says_who_would_gain_by_it",
            ),
        ]

    def __str__(self) -> str:
        return f"N-{self.number}"

    @property
    def wanted(self) -> int:
        """How many are asked of donors: without those that others have brought."""
        return self.quantity - self.covered

    @property
    def total_minor(self) -> int:
        return self.wanted * self.unit_price_minor


class Institution(models.Model):
    """Who heads a beneficiary. The office is public; the name of who holds it is not."""

    organisation = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, related_name="institution"
    )
    head_office = LocalTextField()
    head_name = models.CharField(max_length=120)
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(head_name=""), name="institution_has_a_head"),
        ]

    def __str__(self) -> str:
        return str(self.organisation)


class Renaming(models.Model):
    """Another name for an institution with a verified need: one proposes, another agrees.

    The name before stays written, with the reason and the day.
    """

    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="renamings"
    )
    name_before = LocalTextField()
    name = LocalTextField()
    reason = models.CharField(max_length=500)
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_for = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    # None until somebody else of another organisation has decided.
    is_agreed = models.BooleanField(null=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    decided_for = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="renaming_says_why"),
            models.CheckConstraint(
                condition=Q(is_agreed=None, decided_by=None, decided_for=None, decided_at=None)
                | (
                    Q(is_agreed__isnull=False, decided_by__isnull=False,
                      decided_for__isnull=False, decided_at__isnull=False)
                    & ~Q(decided_by=F("proposed_by"))
                    & ~Q(decided_for=F("proposed_for"))
                ),
                name="renaming_is_agreed_to_by_another_of_another_body",
            ),
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(is_agreed=None), name="one_renaming_waits",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name_before} → {self.name}"


class Verification(models.Model):
    """Somebody else's word that the need is true, and what they saw."""

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="verifications")
    # Repeated from the need, so that a check constraint can compare the two.
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    verified_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    # The need's revision that was looked at; an edit leaves it behind.
    revision = models.PositiveSmallIntegerField()
    # Codes of `core.checks.Check`; none before the checklist was there.
    checked = models.JSONField(default=list)
    # In which official register the number stood that was called.
    register = models.CharField(max_length=200, blank=True)
    until_date = models.DateField(null=True, blank=True)
    what_was_seen = models.TextField()
    verified_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["need", "revision", "verified_by"], name="verifier_verifies_once"
            ),
            models.CheckConstraint(
                condition=~Q(verified_by=F("written_by")), name="nobody_verifies_their_own_need"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.need} by {self.verified_by}"


class Evidence(models.Model):
    """A photo or a paper that shows a need: private, or public once the need is, piece by piece."""

    class Kind(models.TextChoices):
        PHOTO = "photo", "photo"
        LETTER = "letter", "letter"
        DAMAGE = "damage", "act of damage"
        OTHER = "other", "other paper"

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="evidence")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind)
    caption = LocalTextField(null=True, blank=True)
    is_public = models.BooleanField(default=False)
    # Taken back: gone for the world at once; those at work still see it.
    pulled_back_at = models.DateTimeField(null=True, blank=True)
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["need", "file"], name="evidence_is_there_once"),
            models.CheckConstraint(
                condition=Q(is_public=False) | Q(caption__isnull=False),
                name="public_evidence_says_what_it_shows",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.need}: {self.file}"


class Confirmation(models.Model):
    """Somebody's word that a verified need is still true, and until when that holds."""

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="confirmations")
    confirmed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()
    until_date = models.DateField()
    note = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return f"{self.need} until {self.until_date}"


class Change(models.Model):
    """A verified need asks for more, fewer or dearer things: one proposes, another agrees.

    What it was before stays written, with the reason, for everybody who reads the need.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "proposed"
        MADE = "made", "made"
        REFUSED = "refused", "refused"

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="changes")
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    quantity = models.PositiveIntegerField()
    covered = models.PositiveIntegerField()
    unit_price_minor = models.BigIntegerField()
    quantity_before = models.PositiveIntegerField()
    covered_before = models.PositiveIntegerField()
    unit_price_minor_before = models.BigIntegerField()
    reason = models.TextField()
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_for = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_for = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["need"], condition=Q(state="proposed"), name="need_changes_once_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="change_says_why"),
            models.CheckConstraint(
                condition=~Q(state="made", decided_by=F("proposed_by")),
                name="nobody_agrees_to_their_own_change",
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_by__isnull=True, decided_at__isnull=True)
                | ~Q(state="proposed") & Q(decided_by__isnull=False, decided_at__isnull=False),
                name="decided_change_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, quantity__lte=100_000, covered__lt=F("quantity"))
                & Q(unit_price_minor__gt=0, unit_price_minor__lte=AMOUNT_MINOR_MAX),
                name="change_asks_for_some_at_a_price",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.need}: {self.reason}"


class Quote(models.Model):
    """A supplier's dated price offer for one of the things needed."""

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="quotes")
    supplier = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="quotes")
    unit_price_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    quoted_date = models.DateField()
    valid_until_date = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    # The paper as the supplier sent it; those at work read it.
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(unit_price_minor__gt=0, unit_price_minor__lte=AMOUNT_MINOR_MAX),
                name="quote_has_a_price",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.supplier}: {self.unit_price_minor} {self.currency}"


class BoardDecision(models.Model):
    """What the recipient's board decided of a campaign, by which minutes. Never changed."""

    class Kind(models.TextChoices):
        # The board presents these needs to donors: nothing is asked for before.
        ADOPTED = "adopted", "needs adopted"
        # After an official list paused the campaign.
        RESUMED = "resumed", "resumed"
        FALLBACK = "fallback", "fallback purpose"

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="decisions")
    kind = models.CharField(max_length=8, choices=Kind)
    minutes_number = models.CharField(max_length=60)
    decided_date = models.DateField()
    words = LocalTextField(null=True, blank=True)
    document = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(minutes_number=""), name="board_decision_has_minutes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.minutes_number}"


class AdoptedNeed(models.Model):
    """A need as the board adopted it: so many, at this price for one, in minor units."""

    decision = models.ForeignKey(BoardDecision, on_delete=models.PROTECT, related_name="adopted")
    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="adoptions")
    quantity = models.PositiveIntegerField()
    unit_price_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["decision", "need"], name="need_is_adopted_once"),
        ]

    def __str__(self) -> str:
        return f"{self.need} by {self.decision}"


class TargetNote(models.Model):
    """Why an open campaign's target changed, and when: older pictures of it are explained."""

    class Why(models.TextChoices):
        ADDED = "added", "a need came in"
        REMOVED = "removed", "a need went out"
        CHANGED = "changed", "a price or a number changed"

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="target_notes")
    why = models.CharField(max_length=8, choices=Why)
    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="+")
    before_minor = models.BigIntegerField()
    after_minor = models.BigIntegerField()
    noted_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.campaign}: {self.before_minor} → {self.after_minor}"


class Waypoint(models.Model):
    """A sum on a campaign's way to its target, and what it means to have come so far.

    `reached_date` is a day of the giving city, counted from the lines and then kept: what was
    reached stays reached, also where a gift is given back later.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="waypoints")
    amount_minor = models.BigIntegerField()
    text = LocalTextField()
    written_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField()
    reached_date = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "amount_minor"], name="campaign_has_one_waypoint_at_a_sum"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, amount_minor__lte=AMOUNT_MINOR_MAX),
                name="waypoint_stands_at_a_sum",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.amount_minor}"
