"""The hand-over: which units came into whose hands, when, in what state, and who signed for it."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from twinhood.deliveries.models.orders import Unit
from twinhood.documents.models import SHA256_LENGTH, Document, Slot, StoredFile
from twinhood.kit.fields import LocalText, LocalTextField
from twinhood.ledger.models import AMOUNT_MINOR_MAX
from twinhood.people.models import Organisation, Partnership, Person
from twinhood.places.models import Place
from twinhood.twinnings.models import Term


class HandoverActQuerySet(models.QuerySet["HandoverAct"]):
    def complete(self) -> "HandoverActQuerySet":
        """Acts that count: everybody signed, whoever must confirm did, no other took the place."""
        return self.filter(completed_at__isnull=False, replaced_at=None)


class HandoverAct(models.Model):
    """The act of acceptance: who gave the things into whose hands, when, in what state.

    It is complete with the signatures of giver, receiver and three of the commission, and the
    confirmation of another organisation, near a front of two; until then nothing counts as handed
    over.
    """

    class Condition(models.TextChoices):
        GOOD = "good", "in order"
        DAMAGED = "damaged", "damaged"
        MISSING = "missing", "missing"

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="acts")
    number = models.PositiveIntegerField()
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    giver = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    # The giver's written offer (number, day), and the code of the humanitarian declaration.
    offer = models.CharField(max_length=120, blank=True)
    declaration_code = models.CharField(max_length=40, blank=True)
    # What was handed over with the things: passports, keys, instructions; a line for each.
    with_papers = LocalTextField(null=True, blank=True)
    # Offices that signed, in words, of acts from before signatures were kept.
    signed_by = LocalTextField(default=LocalText, blank=True)
    # Recorded of a paper, before Twinhood made the act itself: there is no document.
    is_from_before = models.BooleanField(default=False)
    handed_over_date = models.DateField()
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    # Made when all have signed by hand; offices may sign it then.
    document = models.OneToOneField(
        Document, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    completed_at = models.DateTimeField(null=True, blank=True)
    # The receiving side may publish earlier or later than the partnership's delay, or pull back.
    public_from_date = models.DateField()
    is_pulled_back = models.BooleanField(default=False)
    # Taken back before all had signed: it counts for nothing, and stays.
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    withdrawal_reason = models.CharField(max_length=300, blank=True)
    # The act that this one corrects, and why; it takes its place when it is complete itself.
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrections"
    )
    correction_reason = models.CharField(max_length=300, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)
    # What the log holds of it (32 bytes); none for acts from before there was a log.
    commitment = models.BinaryField(null=True, blank=True)
    # Made with the empty form: a phone that sends again after a power cut writes one act.
    form_key = models.UUIDField(null=True, blank=True, unique=True)

    objects = HandoverActQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partnership", "number"], name="act_number_is_unique"),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=True)
                | Q(document__isnull=False)
                | Q(is_from_before=True),
                name="complete_act_has_its_paper",
            ),
            models.CheckConstraint(
                condition=Q(
                    withdrawn_at__isnull=True, withdrawn_by__isnull=True, withdrawal_reason=""
                )
                | (
                    Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                    & ~Q(withdrawal_reason="")
                    & Q(document__isnull=True, completed_at__isnull=True)
                ),
                name="withdrawn_act_was_not_signed_and_says_why",
            ),
            models.CheckConstraint(
                condition=Q(replaces__isnull=True, correction_reason="")
                | (Q(replaces__isnull=False) & ~Q(correction_reason="")),
                name="correction_of_an_act_says_why",
            ),
            models.UniqueConstraint(
                fields=["replaces"],
                condition=Q(withdrawn_at__isnull=True),
                name="act_is_corrected_by_one",
            ),
        ]

    def __str__(self) -> str:
        return f"A-{self.number}"

    @property
    def is_complete(self) -> bool:
        return self.completed_at is not None

    @property
    def is_over(self) -> bool:
        """Whether it was withdrawn, or another took its place: it stays as what it was."""
        return self.withdrawn_at is not None or self.replaced_at is not None


class GivenThing(models.Model):
    """A thing given instead of money, as acts name it. `value_minor` is the value of all of it.

    Who gave it, and how, a room above knows; `key` is its name in ledger and log.
    """

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=300)
    quantity = models.PositiveIntegerField()
    # What is counted: "pallet", "box"; empty for one thing.
    counted_in = models.CharField(max_length=40, blank=True)
    serial = models.CharField(max_length=80, blank=True)
    value_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    is_vehicle = models.BooleanField()
    received_date = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_vehicle=False) | ~Q(serial=""),
                name="given_vehicle_has_its_number",
            ),
            models.CheckConstraint(
                condition=Q(value_minor__gt=0, value_minor__lte=AMOUNT_MINOR_MAX, quantity__gt=0),
                name="given_thing_is_worth_something",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class HandoverLine(models.Model):
    """One thing in an act, bought or given: handed over once, in the condition seen.

    A thing stands on one act: `standing_unit` and `standing_given` say the same as `unit` and
    `given` as long as its line counts.
    """

    act = models.ForeignKey(HandoverAct, on_delete=models.PROTECT, related_name="lines")
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    given = models.ForeignKey(
        GivenThing, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    standing_unit = models.OneToOneField(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="handover"
    )
    standing_given = models.OneToOneField(
        GivenThing, on_delete=models.PROTECT, null=True, blank=True, related_name="handover"
    )
    # As the act has it.
    serial = models.CharField(max_length=80, blank=True)
    condition = models.CharField(
        max_length=8, choices=HandoverAct.Condition, default=HandoverAct.Condition.GOOD
    )
    note = models.CharField(max_length=300, blank=True)
    model_year = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=False, given__isnull=True)
                | Q(unit__isnull=True, given__isnull=False),
                name="line_of_an_act_is_bought_or_given",
            ),
            models.CheckConstraint(
                condition=(Q(standing_unit__isnull=True) | Q(standing_unit=F("unit")))
                & (Q(standing_given__isnull=True) | Q(standing_given=F("given"))),
                name="what_stands_on_an_act_is_in_it",
            ),
            models.CheckConstraint(
                condition=Q(model_year__isnull=True) | Q(model_year__range=(1900, 2200)),
                name="model_year_is_a_year",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit or self.given} in {self.act}"

    @property
    def value_minor(self) -> int:
        """The price paid, or the value found, of all of it; minor units of `currency`."""
        return self.given.value_minor if self.given else self._unit.amount_minor

    @property
    def currency(self) -> str:
        return self.given.currency if self.given else self._unit.order.currency

    @property
    def _unit(self) -> Unit:
        if self.unit is None:
            raise ValueError("a line of an act is bought or given")
        return self.unit


class LinePhoto(models.Model):
    """A photo of a thing at its hand-over. The world sees it if the receiving side lets it."""

    line = models.ForeignKey(HandoverLine, on_delete=models.PROTECT, related_name="photos")
    # A correction shows the photos of the act that it corrects.
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    is_released = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["line", "file"], name="photo_stands_once_at_a_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.line}: {self.file}"


class ActRate(models.Model):
    """What a currency was worth in hryvnias on the act's day: a pair of amounts, with its source.

    `uah_minor` kopiykas for `foreign_minor` minor units of `currency`.
    """

    act = models.ForeignKey(HandoverAct, on_delete=models.PROTECT, related_name="rates")
    currency = models.CharField(max_length=3)
    foreign_minor = models.BigIntegerField()
    uah_minor = models.BigIntegerField()
    rate_date = models.DateField()
    source = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["act", "currency"], name="act_has_one_rate_a_currency"),
            models.CheckConstraint(
                condition=Q(
                    foreign_minor__gt=0,
                    foreign_minor__lte=AMOUNT_MINOR_MAX,
                    uah_minor__gt=0,
                    uah_minor__lte=AMOUNT_MINOR_MAX,
                )
                & ~Q(source=""),
                name="rate_is_two_amounts_with_a_source",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act}: {self.currency}"


class ActSigner(models.Model):
    """Somebody who signs an act by hand, and then what they drew or typed: it never changes."""

    class Role(models.TextChoices):
        GIVER = "giver", "handed it over"
        RECEIVER = "receiver", "received it"
        COMMISSION = "commission", "of the commission"

    class Method(models.TextChoices):
        GLASS = "glass", "drawn on the screen"
        TYPED = "typed", "typed"
        PAPER = "paper", "on paper"

    act = models.ForeignKey(HandoverAct, on_delete=models.PROTECT, related_name="signers")
    position = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=10, choices=Role)
    office = LocalTextField()
    # On the act, which is private near a front; never on a public page.
    name = models.CharField(max_length=120)
    method = models.CharField(max_length=5, choices=Method, blank=True)
    # The drawing as SVG, or what was typed; of paper nothing: its scan has the same SHA-256.
    drawn = models.TextField(blank=True)
    sha256 = models.CharField(max_length=SHA256_LENGTH, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    # Who held the phone, or entered the scan.
    entered_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["act", "position"], name="signer_has_their_own_place"),
            models.UniqueConstraint(F("act"), Lower("name"), name="nobody_signs_an_act_for_two"),
            models.CheckConstraint(
                condition=Q(
                    method="", sha256="", drawn="", signed_at__isnull=True, entered_by__isnull=True
                )
                | (
                    ~Q(method="")
                    & ~Q(sha256="")
                    & Q(signed_at__isnull=False, entered_by__isnull=False)
                ),
                name="signature_by_hand_is_whole",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="signer_has_a_name"),
        ]

    def __str__(self) -> str:
        return f"{self.act}: {self.name}"


class ActScan(models.Model):
    """A scan of the act as it was printed and signed by hand; it counts once two others saw it."""

    act = models.ForeignKey(HandoverAct, on_delete=models.PROTECT, related_name="scans")
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    entered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.act}: {self.file}"


class ScanWitness(models.Model):
    """Somebody who saw an act signed by hand; two of them, of different organisations."""

    scan = models.ForeignKey(ActScan, on_delete=models.PROTECT, related_name="witnesses")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    witnessed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scan", "person"], name="act_witness_is_one_person"),
            models.UniqueConstraint(
                fields=["scan", "organisation"], name="act_witnesses_are_of_two_organisations"
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)


class Confirmation(models.Model):
    """Somebody else's word that the things arrived: one, near a front two of two organisations."""

    act = models.ForeignKey(HandoverAct, on_delete=models.PROTECT, related_name="confirmations")
    # Repeated from the act, so that a check constraint can compare them.
    recorded_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["act", "confirmed_by"], name="a_hand_over_is_confirmed_once_by_one"
            ),
            models.UniqueConstraint(
                fields=["act", "organisation"],
                name="confirmations_are_of_two_organisations",
            ),
            models.CheckConstraint(
                condition=~Q(confirmed_by=F("recorded_by")),
                name="nobody_confirms_what_they_recorded",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} by {self.confirmed_by}"


class ActSeat(models.Model):
    """In which place of the act's paper an office signs, with whose powers."""

    act = models.ForeignKey(HandoverAct, on_delete=models.PROTECT, related_name="seats")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="+")
    # Empty until the paper is made.
    slot = models.OneToOneField(
        Slot, on_delete=models.PROTECT, null=True, blank=True, related_name="act_seat"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["act", "term"], name="act_seat_is_one_term"),
        ]

    def __str__(self) -> str:
        return f"{self.act}: {self.term}"
