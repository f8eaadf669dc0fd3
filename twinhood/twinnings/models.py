"""Twinnings, what happened to them, and the papers they stand on."""

from hashlib import sha256

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language, pgettext_lazy

from twinhood.documents.models import Document, Slot, StoredFile
from twinhood.kit.fields import LocalTextField
from twinhood.people.models import Partnership, Person
from twinhood.places.models import Place
from twinhood.twinnings.core import drafting
from twinhood.twinnings.core.capacity import Powers
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


class Side(models.TextChoices):
    """The two cities of a partnership: `drafting.Side`, with its words."""

    GIVING = drafting.Side.GIVING.value, pgettext_lazy("side", "giving city")
    RECEIVING = drafting.Side.RECEIVING.value, pgettext_lazy("side", "receiving city")


class Draft(models.Model):
    """An agreement on its way: what both sides write before anything is signed."""

    class Kind(models.TextChoices):
        SISTER = "sister", pgettext_lazy("draft", "Sister cities")
        FRIENDSHIP = "friendship", pgettext_lazy("draft", "Friendship")
        SOLIDARITY = "solidarity", pgettext_lazy("draft", "Solidarity partnership")
        AID = "aid", pgettext_lazy("draft", "Memorandum on aid")
        HAND_OVER = "hand_over", pgettext_lazy("draft", "Hand-over of goods")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("draft", "being written")
        FROZEN = "frozen", pgettext_lazy("draft", "frozen, to be signed")
        SIGNED = "signed", pgettext_lazy("draft", "signed by both")
        SET_ASIDE = "set_aside", pgettext_lazy("draft", "set aside")

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="drafts")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    # Two companion papers, one by each city, in place of one that both sign.
    is_companion = models.BooleanField(default=False)
    first_language = models.CharField(max_length=12)
    second_language = models.CharField(max_length=12)
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    opened_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    opened_for = models.CharField(max_length=9, choices=Side)
    opened_at = models.DateTimeField()
    # Made with the empty form, so that sending it twice begins one draft.
    form_key = models.UUIDField(null=True, blank=True, unique=True)
    # Since when the page of the ceremony is public.
    announced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "number"], name="draft_number_is_unique"
            ),
            models.CheckConstraint(
                condition=~Q(first_language=F("second_language")),
                name="draft_is_in_two_languages",
            ),
        ]

    def __str__(self) -> str:
        return f"A-{self.number}"

    @property
    def languages(self) -> tuple[str, str]:
        return self.first_language, self.second_language


class Version(models.Model):
    """One text of a draft, for ever. `content` is canonical JSON, `sha256` that of its bytes."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.TextField()
    sha256 = models.CharField(max_length=64)
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    # What made it of the one before; none for the first.
    proposal = models.OneToOneField(
        "Proposal", on_delete=models.PROTECT, null=True, blank=True, related_name="version"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["draft", "number"], name="version_number_is_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.draft}, {self.number}"

    @property
    def text(self) -> drafting.Content:
        return drafting.content_of(self.content.encode())


class Proposal(models.Model):
    """A change to one article that one side would have, and the other takes or declines."""

    class Kind(models.TextChoices):
        REWORD = "reword", pgettext_lazy("proposal", "Other words")
        ADD = "add", pgettext_lazy("proposal", "A new article")
        REMOVE = "remove", pgettext_lazy("proposal", "Leave the article out")

    class State(models.TextChoices):
        OPEN = "open", pgettext_lazy("proposal", "waits")
        ACCEPTED = "accepted", pgettext_lazy("proposal", "accepted")
        DECLINED = "declined", pgettext_lazy("proposal", "declined")
        WITHDRAWN = "withdrawn", pgettext_lazy("proposal", "withdrawn")

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="proposals")
    kind = models.CharField(max_length=8, choices=Kind)
    # The article's key; of a new one, that of the article which it follows.
    article = models.PositiveIntegerField()
    seen_digest = models.CharField(max_length=64)
    heading = LocalTextField(default=dict, blank=True)
    text = LocalTextField(default=dict, blank=True)
    reason = models.TextField(blank=True)
    side = models.CharField(max_length=9, choices=Side)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    decided_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = models.TextField(blank=True)
    form_key = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="accepted") | ~Q(decided_by=F("by")),
                name="nobody_accepts_their_own_proposal",
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_by__isnull=True, decided_at__isnull=True)
                | Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(state="open"),
                name="proposal_is_decided_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draft}: {self.kind} {self.article}"

    @property
    def change(self) -> drafting.Change:
        return drafting.Change(
            kind=drafting.ChangeKind(self.kind),
            key=self.article,
            seen_digest=self.seen_digest,
            heading=dict(self.heading),
            text=dict(self.text),
        )


class Comment(models.Model):
    """A word about an article; it changes nothing, and is never changed."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="comments")
    article = models.PositiveIntegerField()
    text = models.TextField()
    side = models.CharField(max_length=9, choices=Side)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.text


class Mark(models.Model):
    """One side's word that it agrees to exactly this version. A later version leaves it behind."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="marks")
    side = models.CharField(max_length=9, choices=Side)
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "side"], name="side_marks_a_version_once"),
            models.UniqueConstraint(fields=["version", "by"], name="nobody_marks_for_both_sides"),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.side}"


class Step(models.Model):
    """What a side's law asks for before it signs: a decision, an approval, a registration."""

    class Kind(models.TextChoices):
        RESOLUTION = "resolution", pgettext_lazy("step", "Decision of the council")
        APPROVAL = "approval", pgettext_lazy("step", "Approval of the ministry")
        REGISTRATION = "registration", pgettext_lazy("step", "Registration")
        OTHER = "other", pgettext_lazy("step", "Another step")

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="steps")
    side = models.CharField(max_length=9, choices=Side)
    kind = models.CharField(max_length=12, choices=Kind)
    number = models.CharField(max_length=120)
    step_date = models.DateField()
    body = models.CharField(max_length=200)
    votes_for = models.PositiveSmallIntegerField(null=True, blank=True)
    votes_against = models.PositiveSmallIntegerField(null=True, blank=True)
    votes_abstained = models.PositiveSmallIntegerField(null=True, blank=True)
    source = models.CharField(max_length=300)
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    # A slip of the pen is struck out with its reason; the row stays.
    struck_at = models.DateTimeField(null=True, blank=True)
    struck_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(struck_at__isnull=True) | ~Q(struck_reason=""),
                name="step_is_struck_out_with_a_reason",
            ),
            models.CheckConstraint(condition=~Q(source=""), name="step_names_its_source"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class Office(models.Model):
    """An office that can sign for a place, by its title in the languages of its papers."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="offices")
    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="offices")
    title = LocalTextField()

    def __str__(self) -> str:
        return str(self.title)


class Term(models.Model):
    """A person's powers in an office; first and last day count, as in the act they rest on."""

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="terms")
    # As the papers of that side write the name; the person who signs in here, if there is one.
    holder = LocalTextField()
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="terms"
    )
    # The act that the powers rest on: "Decree of the President", its number and date.
    legal_basis = LocalTextField()
    act_number = models.CharField(max_length=120, blank=True)
    act_date = models.DateField(null=True, blank=True)
    since_date = models.DateField()
    until_date = models.DateField(null=True, blank=True)
    # Why they ended, where somebody said so: a new head, powers taken back.
    ended_reason = models.CharField(max_length=300, blank=True)
    # Who gave these powers on, where they were delegated.
    delegated_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="delegations"
    )
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(until_date__isnull=True) | Q(until_date__gte=F("since_date")),
                name="term_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.holder}, {self.office}"

    @property
    def powers(self) -> Powers:
        return Powers(
            place_id=self.office.place_id,
            person_id=self.person_id,
            since_date=self.since_date,
            until_date=self.until_date,
            has_legal_basis=bool(self.legal_basis),
        )


class FrozenPaper(models.Model):
    """A paper of the version that both agreed to, as the document that is signed."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="frozen")
    # Its place among the version's papers, from 0.
    paper = models.PositiveSmallIntegerField()
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="+")
    frozen_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.document)


class Seat(models.Model):
    """Which side signs in a slot of a frozen paper, and with whose powers."""

    frozen = models.ForeignKey(FrozenPaper, on_delete=models.PROTECT, related_name="seats")
    slot = models.OneToOneField(Slot, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=9, choices=Side)
    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["frozen", "side"], name="side_has_one_seat_a_paper"),
        ]

    def __str__(self) -> str:
        return f"{self.frozen}: {self.side}"


class StepPaper(models.Model):
    """The scan of a decision or approval; public once the ceremony is, unless it was struck out."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="papers")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["step", "file"], name="step_has_a_paper_once"),
        ]

    def __str__(self) -> str:
        return f"{self.step}: {self.file}"


class CeremonyPhoto(models.Model):
    """The newsroom's photo of a ceremony; public once the ceremony is, until it is pulled back."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="photos")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    caption = LocalTextField()
    # What is to be seen, for those who cannot see it.
    alt = LocalTextField()
    credit = models.CharField(max_length=120)
    form_key = models.UUIDField(unique=True)
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    pulled_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(credit=""), name="photo_names_who_took_it"),
        ]

    def __str__(self) -> str:
        return str(self.caption)


class Invitation(models.Model):
    """The letter to whoever signs in a seat: when it went out, or was last tried."""

    seat = models.OneToOneField(Seat, on_delete=models.PROTECT, related_name="invitation")
    tried_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.seat}: {self.sent_at}"
