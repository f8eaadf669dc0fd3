"""The nouns of the books. Every amount is in minor units of the row's or fund's currency.

Nothing here is edited: the migration `0002_books_keep_their_promises` has the triggers that refuse
it, also to the owner of the tables, and those that keep balances and lines in step.
"""

from datetime import datetime

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, BigIntegerRangeField, RangeOperators
from django.contrib.postgres.indexes import BrinIndex, GistIndex
from django.db import models
from django.db.models import F, Func, Q

from twinhood.people.models import Partnership

# More than all money there is, and an integer that every reader of JSON reads alike (below 2^53);
# a typing error or an attack is told so by the database too.
AMOUNT_MINOR_MAX = 9 * 10**15


def _span(start: str, end: str) -> Func:
    return Func(F(start), F(end), function="int8range", output_field=BigIntegerRangeField())


class Books(models.Model):
    """One partnership's books. Its row is locked by whoever posts, so entries have one order."""

    partnership = models.OneToOneField(Partnership, on_delete=models.PROTECT, related_name="books")
    # The partnership's slug when the books were opened: its name in the log, for ever.
    name = models.CharField(max_length=120, unique=True)
    last_seq = models.BigIntegerField(default=0)
    # Months up to this moment are closed: no entry is dated before it (None: none is closed).
    closed_before_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"books of {self.name}"

    def open_from(self, at: datetime) -> datetime:
        """`at`, or the first moment that is open: what is learned late belongs to that day."""
        return at if self.closed_before_at is None else max(at, self.closed_before_at)


class Account(models.Model):
    """A place in the chart of accounts, in one currency, e.g. `fund:kramatorsk-usd`.

    `balance_minor` counts in the account's normal direction and is written by a trigger alone.
    """

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="accounts")
    code = models.CharField(max_length=120)
    currency = models.CharField(max_length=3)
    is_credit_normal = models.BooleanField()
    is_never_below_zero = models.BooleanField(default=False)
    balance_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "code", "currency"], name="account_stands_once_in_its_books"
            ),
            models.CheckConstraint(
                condition=Q(is_never_below_zero=False) | Q(balance_minor__gte=0),
                name="account_is_never_below_zero",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.currency}"


class Entry(models.Model):
    """One thing that happened, with a unique key, posted with all its transfers at once.

    The books' triggers keep what foreign keys and constraints would say row by row: thousands of
    entries are written in one statement.
    """

    class Kind(models.TextChoices):
        GIFT = "gift"
        ORDER = "order"
        CANCEL = "cancel"
        REDUCTION = "reduction"
        REFUND = "refund"
        EXCHANGE = "exchange"
        PAYMENT = "payment"
        FUND = "fund"
        IN_KIND = "in kind"

    partnership = models.ForeignKey(
        Partnership,
        on_delete=models.PROTECT,
        related_name="entries",
        db_constraint=False,
        db_index=False,
    )
    seq = models.BigIntegerField()
    key = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=Kind)
    happened_at = models.DateTimeField()
    posted_at = models.DateTimeField()
    # The entry's leaf in the log (translog); every entry has one.
    leaf_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partnership", "seq"], name="entry_has_its_own_place"),
            models.UniqueConstraint(fields=["key", "partnership"], name="entry_is_posted_once"),
        ]
        # Entries are written about in the order of time, so a summary of each block is enough.
        indexes = [BrinIndex(fields=["happened_at"], name="entry_by_time", pages_per_range=16)]

    def __str__(self) -> str:
        return self.key


class Transfer(models.Model):
    """An amount moved from the credited to the debited account, of one currency."""

    entry = models.ForeignKey(
        Entry, on_delete=models.PROTECT, related_name="transfers", db_constraint=False
    )
    debit = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        related_name="debits",
        db_constraint=False,
        db_index=False,
    )
    credit = models.ForeignKey(
        Account,
        on_delete=models.PROTECT,
        related_name="credits",
        db_constraint=False,
        db_index=False,
    )
    amount_minor = models.BigIntegerField()
    currency = models.CharField(max_length=3)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0, amount_minor__lte=AMOUNT_MINOR_MAX),
                name="transfer_moves_an_amount",
            ),
            models.CheckConstraint(
                condition=~Q(debit=F("credit")), name="transfer_joins_two_accounts"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} {self.currency}"


class Fund(models.Model):
    """Restricted money of one purpose and currency; a number line of minor units from 0."""

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="funds")
    code = models.SlugField(max_length=80)
    currency = models.CharField(max_length=3)
    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="fund")
    opened_by = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="opened_fund")
    # All are written by triggers alone: the line's length, how much of it is used, and where the
    # last used cent ends (behind it all is free; before it, what `FreeRun` says).
    head_minor = models.BigIntegerField(default=0)
    used_minor = models.BigIntegerField(default=0)
    laid_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partnership", "code"], name="fund_code_is_unique"),
            models.CheckConstraint(
                condition=Q(used_minor__gte=0, used_minor__lte=F("head_minor")),
                name="fund_never_spends_more_than_was_given",
            ),
            models.CheckConstraint(
                condition=Q(laid_minor__gte=F("used_minor"), laid_minor__lte=F("head_minor")),
                name="last_used_cent_lies_on_the_line",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def free_minor(self) -> int:
        """What no use covers; the fund's balance in the ledger."""
        return self.head_minor - self.used_minor


class Use(models.Model):
    """What cents were taken for: an order, a refund or an exchange, as a set of pieces."""

    class Kind(models.TextChoices):
        ORDER = "order"
        REFUND = "refund"
        EXCHANGE = "exchange"

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="uses")
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="use")
    kind = models.CharField(max_length=12, choices=Kind)
    key = models.CharField(max_length=200)
    amount_minor = models.BigIntegerField()
    # An order's funds in order of preference; the only fund of a refund or an exchange.
    fund_codes = ArrayField(models.CharField(max_length=80))
    # A refund's source: the key of a gift or an advance.
    source_key = models.CharField(max_length=210, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partnership", "key"], name="use_key_is_unique"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="use_takes_an_amount"),
        ]

    def __str__(self) -> str:
        return self.key


class Segment(models.Model):
    """Cents [start, end) of a line that one gift, advance or exchange brought in."""

    class Kind(models.TextChoices):
        GIFT = "gift"
        ADVANCE = "advance"
        EXCHANGE = "exchange"

    fund = models.ForeignKey(
        Fund, on_delete=models.PROTECT, related_name="segments", db_constraint=False, db_index=False
    )
    entry = models.ForeignKey(
        Entry, on_delete=models.PROTECT, related_name="segments", db_constraint=False
    )
    kind = models.CharField(max_length=12, choices=Kind)
    key = models.CharField(max_length=210)
    start_minor = models.BigIntegerField()
    end_minor = models.BigIntegerField()
    # The use that this income is the image of, for an exchange.
    source_use = models.OneToOneField(
        Use,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="income",
        db_constraint=False,
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(start_minor__gte=0, end_minor__gt=F("start_minor")),
                name="segment_has_a_length",
            ),
            models.CheckConstraint(
                condition=Q(kind="exchange", source_use__isnull=False)
                | Q(~Q(kind="exchange"), source_use__isnull=True),
                name="segment_of_an_exchange_names_it",
            ),
            # With the trigger that lets income begin only at the head, none can overlap.
            models.UniqueConstraint(
                fields=["fund", "start_minor"], name="segment_begins_where_none_did"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} [{self.start_minor}, {self.end_minor})"


class UseUnit(models.Model):
    """A unit's offsets [start, end) within its order; units divide the offsets in turn."""

    use = models.ForeignKey(Use, on_delete=models.PROTECT, related_name="units")
    name = models.CharField(max_length=200)
    start_offset = models.BigIntegerField()
    end_offset = models.BigIntegerField()
    cancelled_by = models.ForeignKey(
        Entry, on_delete=models.PROTECT, null=True, blank=True, related_name="cancelled_units"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["use", "name"], name="unit_stands_once_in_its_order"),
            models.CheckConstraint(
                condition=Q(start_offset__gte=0, end_offset__gt=F("start_offset")),
                name="unit_has_an_amount",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UnitReduction(models.Model):
    """A unit became cheaper: so many of its last offsets are covered no more."""

    unit = models.ForeignKey(UseUnit, on_delete=models.PROTECT, related_name="reductions")
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="reduction")
    amount_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="reduction_is_an_amount")
        ]

    def __str__(self) -> str:
        return f"{self.amount_minor} off {self.unit}"


class Piece(models.Model):
    """One run of a use: cents [start, end) of a fund, whose first cent is `offset` of the use.

    Never edited: it is ended by one entry and others are written anew, so that a trace can be
    shown as of any day.
    """

    use = models.ForeignKey(Use, on_delete=models.PROTECT, related_name="pieces")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="pieces")
    start_minor = models.BigIntegerField()
    end_minor = models.BigIntegerField()
    offset_minor = models.BigIntegerField()
    begun_by = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="begun_pieces")
    ended_by = models.ForeignKey(
        Entry, on_delete=models.PROTECT, null=True, blank=True, related_name="ended_pieces"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    start_minor__gte=0, end_minor__gt=F("start_minor"), offset_minor__gte=0
                ),
                name="piece_has_a_length",
            ),
            ExclusionConstraint(
                name="live_pieces_do_not_overlap",
                expressions=[
                    ("fund", RangeOperators.EQUAL),
                    (_span("start_minor", "end_minor"), RangeOperators.OVERLAPS),
                ],
                condition=Q(ended_by__isnull=True),
            ),
            ExclusionConstraint(
                name="an_offset_is_covered_once",
                expressions=[
                    ("use", RangeOperators.EQUAL),
                    (
                        Func(
                            F("offset_minor"),
                            F("offset_minor") + F("end_minor") - F("start_minor"),
                            function="int8range",
                            output_field=BigIntegerRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(ended_by__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["fund", "start_minor"],
                condition=Q(ended_by__isnull=True),
                name="live_piece_by_start",
            ),
            models.Index(fields=["use"], name="piece_by_use"),
            models.Index(
                fields=["use", "offset_minor"],
                condition=Q(ended_by__isnull=True),
                name="live_piece_by_offset",
            ),
            # Ended ones too: what a line looked like on another day.
            GistIndex("fund", _span("start_minor", "end_minor"), name="piece_of_any_day"),
        ]

    def __str__(self) -> str:
        return f"[{self.start_minor}, {self.end_minor}) of {self.fund_id}"


class FreeRun(models.Model):
    """Free cents [start, end) before the last used one, as long as can be.

    Written by triggers as pieces begin and end, so that the earliest free cents are found at once.
    """

    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="free_runs")
    start_minor = models.BigIntegerField()
    end_minor = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fund", "start_minor"], name="free_run_starts_once"),
            models.UniqueConstraint(fields=["fund", "end_minor"], name="free_run_ends_once"),
            models.CheckConstraint(
                condition=Q(start_minor__gte=0, end_minor__gt=F("start_minor")),
                name="free_run_has_a_length",
            ),
        ]

    def __str__(self) -> str:
        return f"[{self.start_minor}, {self.end_minor}) of {self.fund_id}"


class Hold(models.Model):
    """Cents of a fund that may not be ordered for now, as while a gift is disputed."""

    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="holds")
    key = models.CharField(max_length=200)
    amount_minor = models.BigIntegerField()
    opened_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["fund", "key"], name="hold_is_opened_once"),
            models.CheckConstraint(condition=Q(amount_minor__gt=0), name="hold_keeps_an_amount"),
        ]
        indexes = [
            models.Index(fields=["fund"], condition=Q(released_at=None), name="hold_still_open"),
        ]

    def __str__(self) -> str:
        return self.key
