"""Donors, gifts and refunds. Amounts are minor units of the gift's currency."""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Concat, Length

from twinhood.ledger.models import AMOUNT_MINOR_MAX, Entry, Fund
from twinhood.people.models import Partnership, Person

models.BinaryField.register_lookup(Length)


class Donor(models.Model):
    """Who gave. Name and address are encrypted with this donor's own key, which can be destroyed.

    `email_index` is a keyed hash, so that the same donor is found again without decrypting all.
    """

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="donors")
    sealed = models.BinaryField(null=True)
    wrapped_key = models.BinaryField(null=True)
    email_index = models.BinaryField(null=True, max_length=32)
    language = models.CharField(max_length=12, default="en")
    # Letters when what they paid for arrives; receipts come in any case.
    wants_news = models.BooleanField(default=True)
    # Nothing reaches the address any more, since when.
    bounced_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "email_index"],
                condition=Q(email_index__isnull=False),
                name="donor_is_known_once_by_address",
            ),
        ]

    def __str__(self) -> str:
        return f"donor {self.pk}"

    @property
    def has_address(self) -> bool:
        """Whether a letter can reach them."""
        return self.email_index is not None and self.bounced_at is None


# What a gift's ref is called in ledger, journal and log.
KEY = "gift:"


class GiftQuerySet(models.QuerySet["Gift"]):
    def with_posting(self) -> "GiftQuerySet":
        """Each gift with `entry_posted_at`, when its entry was posted (None: it waits)."""
        return self.annotate(entry_posted_at=Subquery(self._entry().values("posted_at")[:1]))

    def posted(self, is_posted: bool) -> "GiftQuerySet":
        stands = Exists(self._entry())
        return self.filter(stands if is_posted else ~stands)

    @staticmethod
    def _entry() -> models.QuerySet[Entry]:
        key = Concat(Value(KEY), OuterRef("ref"))
        return Entry.objects.filter(partnership=OuterRef("partnership"), key=key)


class Gift(models.Model):
    """Money given. `ref` is public; the donor's secret is stored only as its SHA-256.

    Taking one in is one INSERT that locks nothing and writes as few indexes as can be; so it has
    no constraints on rows that all gifts share (its fund is looked at when it is posted), and
    whether it is posted is not written here: it is if its entry stands in the books.
    """

    class Stage(models.TextChoices):
        SETTLED = "settled", "settled"
        POSTED = "posted", "posted"

    partnership = models.ForeignKey(
        Partnership,
        on_delete=models.PROTECT,
        related_name="gifts",
        db_constraint=False,
        db_index=False,
    )
    fund = models.ForeignKey(
        Fund, on_delete=models.PROTECT, related_name="gifts", db_constraint=False, db_index=False
    )
    # Unique by a constraint: `unique=True` would bring a second index, for searches by prefix.
    ref = models.CharField(max_length=32)
    # Found again by `Link`, which the poster writes.
    secret_hash = models.BinaryField(max_length=32)
    # What the rail calls it (a cheque's number, a row of a pasted sheet): unique, so never twice.
    intake_key = models.CharField(max_length=200)
    rail = models.CharField(max_length=20)
    donor = models.ForeignKey(
        Donor, on_delete=models.PROTECT, null=True, blank=True, related_name="gifts", db_index=False
    )
    # The log's commitment to what the donor told; without the salt it tells nothing.
    donor_commitment = models.BinaryField(max_length=32)
    donor_salt = models.BinaryField(max_length=32, null=True)
    shows_name = models.BooleanField(default=False)
    amount_minor = models.BigIntegerField()
    fee_minor = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    received_date = models.DateField()
    settled_at = models.DateTimeField()
    # The words under which the donor gave, kept as they were.
    purpose = models.CharField(max_length=300)
    note = models.CharField(max_length=300, blank=True)
    entered_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    counted_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    objects = GiftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["intake_key", "rail", "partnership"], name="gift_is_taken_in_once"
            ),
            models.UniqueConstraint(fields=["ref"], name="gift_has_its_own_ref"),
            models.CheckConstraint(
                condition=Q(
                    amount_minor__gt=0,
                    amount_minor__lte=AMOUNT_MINOR_MAX,
                    fee_minor__gte=0,
                    fee_minor__lt=F("amount_minor"),
                ),
                name="gift_is_more_than_its_fee",
            ),
            models.CheckConstraint(
                condition=~Q(rail="cash")
                | Q(entered_by__isnull=True)
                | (Q(counted_by__isnull=False) & ~Q(counted_by=F("entered_by"))),
                name="cash_is_counted_by_two",
            ),
            models.CheckConstraint(
                condition=Q(donor_commitment__length=32), name="gift_commits_to_its_donor"
            ),
        ]
        indexes = [
            models.Index(
                fields=["donor"], condition=Q(donor__isnull=False), name="gift_by_its_donor"
            ),
        ]

    def __str__(self) -> str:
        return self.ref

    @property
    def key(self) -> str:
        """The gift's name in ledger, journal and log."""
        return f"{KEY}{self.ref}"

    @property
    def posted_at(self) -> datetime | None:
        """When the poster laid it on the line (UTC); None while it waits."""
        if "entry_posted_at" in self.__dict__:
            known: datetime | None = self.__dict__["entry_posted_at"]
            return known
        entries = Entry.objects.filter(partnership_id=self.partnership_id, key=self.key)
        return entries.values_list("posted_at", flat=True).first()

    @property
    def stage(self) -> Stage:
        return self.Stage.SETTLED if self.posted_at is None else self.Stage.POSTED

    @property
    def net_minor(self) -> int:
        """What reaches the line: the gift less what the rail kept."""
        return self.amount_minor - self.fee_minor


class Link(models.Model):
    """Which posted gift a donor's secret belongs to: its SHA-256, written by the poster."""

    secret_hash = models.BinaryField(max_length=32, primary_key=True)
    gift = models.ForeignKey(
        Gift, on_delete=models.PROTECT, related_name="links", db_constraint=False, db_index=False
    )

    def __str__(self) -> str:
        return f"link to gift {self.gift_id}"


class Mark(models.Model):
    """How far posting has come: every gift whose id is at most `floor` is posted.

    `next_floor` may follow when the transactions that were writing gifts when it was read
    (`writers`, their virtual ids) have ended: only they could still bring a lower id.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    floor = models.BigIntegerField(default=0)
    next_floor = models.BigIntegerField(default=0)
    writers = ArrayField(models.CharField(max_length=40), default=list)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="there_is_one_mark"),
            models.CheckConstraint(
                condition=Q(floor__lte=F("next_floor")), name="mark_follows_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"posted up to {self.floor}"


class Refund(models.Model):
    """Money given back for a gift, booked through the line's rules."""

    gift = models.ForeignKey(Gift, on_delete=models.PROTECT, related_name="refunds")
    key = models.CharField(max_length=200, unique=True)
    # From the line, and from the operating account (fees that the rail does not give back).
    line_minor = models.BigIntegerField()
    operating_minor = models.BigIntegerField(default=0)
    displaced_minor = models.BigIntegerField(default=0)
    advance_minor = models.BigIntegerField(default=0)
    reason = models.CharField(max_length=300)
    refunded_at = models.DateTimeField()
    refunded_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # What the rail calls it, where the rail sent it.
    rail_ref = models.CharField(max_length=200, blank=True)
    # When the donor's bank sent it back, and the income in the gift's name that it then was.
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_key = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                # Nothing from the line where only the fee that the rail kept was left.
                condition=Q(line_minor__gte=0, operating_minor__gte=0)
                & (Q(line_minor__gt=0) | Q(operating_minor__gt=0)),
                name="refund_returns_some",
            ),
            models.UniqueConstraint(
                fields=["rail_ref"], condition=~Q(rail_ref=""), name="refund_is_known_once"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Dispute(models.Model):
    """A donor's bank asks for a gift back. What was told of it, in whatever order it was told.

    Amounts are minor units of the gift's currency. While it is open, what it may take is held.
    """

    class State(models.TextChoices):
        OPEN = "open"
        WON = "won"
        LOST = "lost"
        WON_BACK = "won back"

    gift = models.ForeignKey(Gift, on_delete=models.PROTECT, related_name="disputes")
    # What the bank or the card processor calls it.
    key = models.CharField(max_length=80)
    amount_minor = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=300, blank=True)
    due_date = models.DateField(null=True, blank=True)
    opened_at = models.DateTimeField(null=True)
    won_at = models.DateTimeField(null=True)
    lost_at = models.DateTimeField(null=True)
    # What the bank took, and its fee, which the operating account bears.
    taken_minor = models.BigIntegerField(null=True)
    fee_minor = models.BigIntegerField(default=0)
    # What was booked of it: the refund, if something of the gift was left, and the income.
    is_loss_booked = models.BooleanField(default=False)
    refund = models.OneToOneField(
        Refund, on_delete=models.PROTECT, null=True, blank=True, related_name="dispute"
    )
    unbooked_minor = models.BigIntegerField(default=0)
    returned_key = models.CharField(max_length=200, blank=True)
    recorded_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["gift", "key"], name="dispute_is_known_once"),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0) | Q(amount_minor=None),
                name="dispute_is_about_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(fee_minor__gte=0, unbooked_minor__gte=0),
                name="dispute_costs_nothing_or_more",
            ),
        ]

    def __str__(self) -> str:
        return f"dispute {self.key} of {self.gift}"

    @property
    def state(self) -> State:
        """How it stands: what happened last counts, not what was told last."""
        if self.lost_at is None:
            return self.State.OPEN if self.won_at is None else self.State.WON
        if self.won_at is not None and self.won_at > self.lost_at:
            return self.State.WON_BACK
        return self.State.LOST

    @property
    def hold_key(self) -> str:
        return f"dispute:{self.gift.ref}:{self.key}"
