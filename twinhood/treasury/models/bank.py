"""The bank's own accounts, files, statements and lines, and what each line was matched with.

Amounts are signed minor units of the account's currency: what came in is positive. Nothing here is
deleted: the migration `0002_the_bank` has the triggers that refuse it and keep the sums of matches.
"""

from django.db import models
from django.db.models import F, Q

from twinhood.giving.models import Gift, Pledge
from twinhood.people.models import Partnership, Person

# The account in the books where the rails say that money of the bank lies; the first account of
# each currency is it, and what reaches others lies here until a line places it.
MAIN = "assets:bank:main"


class BankAccount(models.Model):
    """An account at a bank, in one currency. `number` is the IBAN, or what the bank calls it.

    `first_minor` is the balance before the first line that we know, `last_minor` that behind the
    last one; both are empty until a statement is taken in.
    """

    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, related_name="bank_accounts"
    )
    number = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    # Its account in the books.
    code = models.CharField(max_length=120, default=MAIN)
    first_minor = models.BigIntegerField(null=True)
    first_date = models.DateField(null=True)
    last_minor = models.BigIntegerField(null=True)
    last_date = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "number", "currency"], name="bank_account_is_known_once"
            ),
            models.UniqueConstraint(
                fields=["partnership", "code", "currency"],
                condition=~Q(code=MAIN),
                name="bank_account_has_its_own_place_in_the_books",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.currency}"


class CsvMapping(models.Model):
    """How one bank writes its CSV, as a person confirmed it once."""

    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, related_name="csv_mappings"
    )
    name = models.CharField(max_length=80)
    # SHA-256 of the heading row: a file with the same headings is read the same way.
    headings = models.CharField(max_length=64, blank=True)
    encoding = models.CharField(max_length=20)
    delimiter = models.CharField(max_length=1)
    skipped_rows = models.PositiveIntegerField()
    footer_rows = models.PositiveIntegerField(default=0)
    columns = models.JSONField()
    date_form = models.CharField(max_length=20)
    marks = models.CharField(max_length=12)
    account = models.CharField(max_length=64)
    currency = models.CharField(max_length=3)
    is_sign_turned = models.BooleanField(default=False)
    used_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partnership", "name"], name="csv_mapping_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class StatementFile(models.Model):
    """A file as it was uploaded, sealed, until it is taken in or put away.

    `holds` says why it is held, as facts that a page puts into words.
    """

    class Kind(models.TextChoices):
        CAMT = "camt", "camt.053"
        CSV = "csv", "CSV"

    class State(models.TextChoices):
        LOOKED_AT = "looked at", "looked at"
        HELD = "held", "held"
        TAKEN = "taken", "taken"
        PUT_AWAY = "put away", "put away"

    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, related_name="statement_files"
    )
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=4, choices=Kind)
    digest = models.BinaryField(max_length=32)
    sealed = models.BinaryField(null=True)
    state = models.CharField(max_length=9, choices=State, default=State.LOOKED_AT)
    holds = models.JSONField(default=list)
    uploaded_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    uploaded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "digest"], name="statement_file_is_stored_once"
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | ~Q(holds=[]), name="held_file_says_why"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Statement(models.Model):
    """A statement that was taken in: opening and its lines made its closing."""

    file = models.ForeignKey(StatementFile, on_delete=models.PROTECT, related_name="statements")
    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="statements")
    # The bank's own number for it.
    name = models.CharField(max_length=200, blank=True)
    begins_date = models.DateField()
    ends_date = models.DateField()
    opening_minor = models.BigIntegerField()
    closing_minor = models.BigIntegerField()
    # The sum of all lines that stand in the file, also of those that were known.
    lines_minor = models.BigIntegerField()
    new_count = models.PositiveIntegerField()
    known_count = models.PositiveIntegerField()
    pending_count = models.PositiveIntegerField(default=0)
    taken_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(closing_minor=F("opening_minor") + F("lines_minor")),
                name="statement_adds_up",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class StatementLine(models.Model):
    """One movement at the bank; always in exactly one of three states.

    `sealed_words` are what the bank wrote (who, what for): they name people. `matched_minor` is the
    sum of its live matches, written by a trigger alone.
    """

    class State(models.TextChoices):
        OPEN = "open", "open"
        MATCHED = "matched", "matched"
        IGNORED = "ignored", "ignored"

    account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="lines")
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="lines")
    # What makes it the same line in another file (core.identity).
    key = models.CharField(max_length=64)
    row = models.PositiveIntegerField()
    amount_minor = models.BigIntegerField()
    booked_date = models.DateField()
    value_date = models.DateField(null=True, blank=True)
    bank_ref = models.TextField(blank=True)
    source = models.CharField(max_length=100)
    is_reversal = models.BooleanField(default=False)
    sealed_words = models.BinaryField(null=True)
    # A keyed hash of the other side's account: who paid before is known again without opening all.
    other_index = models.BinaryField(max_length=32, null=True)
    state = models.CharField(max_length=7, choices=State, default=State.OPEN)
    reason = models.CharField(max_length=300, blank=True)
    matched_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="line_is_taken_in_once"),
            models.CheckConstraint(
                condition=Q(state="matched", matched_minor=F("amount_minor"), reason="")
                | Q(Q(state="open", reason=""), ~Q(matched_minor=F("amount_minor")))
                | Q(state="open", reason="", amount_minor=0)
                | Q(Q(state="ignored", matched_minor=0), ~Q(reason="")),
                name="line_is_matched_open_or_ignored",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "booked_date"], name="line_by_its_day"),
            models.Index(
                fields=["account", "booked_date"], condition=Q(state="open"), name="line_that_waits"
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.pk}"

    @property
    def open_minor(self) -> int:
        return self.amount_minor - self.matched_minor


class Match(models.Model):
    """What a line is, or a part of it: a gift, or an entry of the books. Never edited but undone.

    `key` is the entry's in the books ("gift:7Q2F9K0B"). `has_made`: this match booked it; else it
    stood there before. `part` counts the payments of a batch from 0.
    """

    class Kind(models.TextChoices):
        PLEDGE = "pledge", "pledge"
        GIFT = "gift", "gift"
        ENTRY = "entry", "entry"
        PAYOUT = "payout", "payout"
        COST = "cost", "cost"

    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, related_name="bank_matches"
    )
    line = models.ForeignKey(StatementLine, on_delete=models.PROTECT, related_name="matches")
    part = models.PositiveIntegerField(null=True, blank=True)
    kind = models.CharField(max_length=6, choices=Kind)
    key = models.CharField(max_length=200)
    amount_minor = models.BigIntegerField()
    has_made = models.BooleanField(default=False)
    gift = models.ForeignKey(
        Gift, on_delete=models.PROTECT, null=True, blank=True, related_name="bank_matches"
    )
    pledge = models.ForeignKey(
        Pledge, on_delete=models.PROTECT, null=True, blank=True, related_name="bank_matches"
    )
    # Why it was suggested when somebody accepted it (core.matching.Reason).
    reasons = models.JSONField(default=list)
    made_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    made_at = models.DateTimeField()
    undone_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    undone_at = models.DateTimeField(null=True, blank=True)
    undo_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "key"],
                condition=Q(undone_at__isnull=True),
                name="entry_stands_at_the_bank_once",
            ),
            models.UniqueConstraint(
                fields=["line", "part"],
                condition=Q(undone_at__isnull=True, part__isnull=False),
                name="part_of_a_line_is_matched_once",
            ),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undo_reason="")
                | Q(Q(undone_at__isnull=False), ~Q(undo_reason="")),
                name="undone_match_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Decision(models.Model):
    """Who did what with a line, and why."""

    class Kind(models.TextChoices):
        MATCHED = "matched", "matched"
        UNDONE = "undone", "undone"
        IGNORED = "ignored", "ignored"
        OPENED = "opened", "opened"

    line = models.ForeignKey(StatementLine, on_delete=models.PROTECT, related_name="decisions")
    kind = models.CharField(max_length=7, choices=Kind)
    # The entry that it was about, and the words of whoever decided.
    key = models.CharField(max_length=200, blank=True)
    reason = models.CharField(max_length=300, blank=True)
    person = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} {self.line_id}"
