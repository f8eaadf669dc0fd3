"""Agreements on their way: versions, what is argued at them, and who may sign."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from twinhood.kit.fields import LocalTextField
from twinhood.people.models import Partnership, Person
from twinhood.places.models import Place
from twinhood.twinnings.core import drafting
from twinhood.twinnings.core.capacity import Powers


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
