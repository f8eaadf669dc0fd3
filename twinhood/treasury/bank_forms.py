"""Forms of the bank's desk: a file, how a CSV is read, what a line is."""

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from twinhood.giving import words
from twinhood.giving.core.iban import BadBankNumber, read_iban
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.fields import (
    FundField,
    LineField,
    example_of,
    fund_title,
    funds_of,
    read_amount,
)
from twinhood.kit.money import CURRENCIES
from twinhood.ledger.models import Fund
from twinhood.treasury import bank_words
from twinhood.treasury.bank import NewGift
from twinhood.treasury.core.csv_look import Look
from twinhood.treasury.core.csv_rows import DELIMITERS, ENCODINGS, ROWS_MAX
from twinhood.treasury.core.csv_statement import (
    FOOTER_MAX,
    Column,
    DateForm,
    Mapping,
    Marks,
    amount_of,
)
from twinhood.treasury.core.statement import Balance, Statement
from twinhood.treasury.models import CsvMapping, StatementLine

NUMBER_MAX = 64
REASON_MAX = 300
CHOOSE = ("", "—")
REASON_EMPTY = _("Say why. It stays beside the line.")


class UploadForm(forms.Form):
    """A statement as the bank gives it out."""

    file = forms.FileField(
        label=_("Statement of the bank"),
        help_text=_("camt.053 (XML) or CSV. You see what is in it before anything is written."),
        error_messages={
            "required": _("Choose a file."),
            "empty": bank_words.FILE["empty"],
            "invalid": _("Choose a file."),
            "missing": _("Choose a file."),
        },
        max_length=1000,
    )


class MappingForm(forms.Form):
    """How this bank writes its CSV; filled with what the file seems to be."""

    encoding = forms.ChoiceField(label=_("Encoding"), choices=[(e, e) for e in ENCODINGS])
    delimiter = forms.ChoiceField(
        label=_("Mark between cells"),
        choices=[(mark, bank_words.DELIMITER[mark]) for mark in DELIMITERS],
    )
    skipped_rows = forms.IntegerField(
        label=_("Rows before the first line"),
        min_value=0,
        max_value=ROWS_MAX,
        help_text=_("Headings count."),
    )
    footer_rows = forms.IntegerField(
        label=_("Rows after the last line"),
        required=False,
        min_value=0,
        max_value=FOOTER_MAX,
        initial=0,
        help_text=_("Sums and remarks. Empty rows do not count."),
    )
    date_form = forms.ChoiceField(
        label=_("How days are written"),
        choices=[CHOOSE, *((form.value, form.value) for form in DateForm)],
        error_messages={"required": _("Say how days are written: the file leaves it open.")},
    )
    marks = forms.ChoiceField(
        label=_("How amounts are written"),
        choices=[CHOOSE, *((marks.value, marks.value) for marks in Marks)],
        error_messages={"required": _("Say how amounts are written: the file leaves it open.")},
    )
    account = LineField(
        label=_("Account number"),
        length_max=NUMBER_MAX,
        help_text=_("IBAN, or what the bank calls this account."),
        error_messages={"required": _("Say which account this is.")},
    )
    currency = forms.ChoiceField(
        label=_("Currency of the account"),
        choices=[CHOOSE, *((c, c) for c in CURRENCIES)],
        error_messages={"required": _("Say in which currency the account is kept.")},
    )
    is_sign_turned = forms.BooleanField(
        label=_("The bank writes money in with a minus"), required=False
    )
    opening = forms.CharField(
        label=_("Balance before the first line"),
        required=False,
        max_length=60,
        help_text=_("Only if no column says the balance."),
    )
    closing = forms.CharField(label=_("Balance after the last line"), required=False, max_length=60)
    save_as = LineField(
        label=_("Keep this as"),
        length_max=80,
        required=False,
        help_text=_("A name for this bank’s way; the next file with these headings is read so."),
    )

    def __init__(self, *args: Any, look: Look, **more: Any) -> None:
        super().__init__(*args, **more)
        self.look = look
        self.width = max((len(row.cells) for row in look.rows), default=0)
        choices = [CHOOSE, *((c.value, bank_words.COLUMN[c]) for c in Column)]
        for index in range(self.width):
            self.fields[f"col_{index}"] = forms.ChoiceField(choices=choices, required=False)
        for name in ("opening", "closing"):
            self.fields[name].widget.attrs |= {"inputmode": "decimal", "autocomplete": "off"}

    def clean_account(self) -> str:
        """Without blanks, in capitals; what begins like an IBAN must be a right one."""
        number = "".join(str(self.cleaned_data["account"]).split()).upper()
        if number[:2].isalpha() and number[2:4].isdecimal() and len(number) >= 15:
            try:
                return read_iban(number)
            except BadBankNumber as problem:
                raise ValidationError(
                    _("This IBAN cannot be right. Compare it with the bank’s page.")
                ) from problem
        return number

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = [value for name, value in cleaned.items() if name.startswith("col_") and value]
        if len(set(chosen)) < len(chosen):
            self.add_error(None, _("Each meaning can be chosen for one column only."))
        if "currency" in cleaned and "marks" in cleaned:
            for name in ("opening", "closing"):
                self._read_balance(name)
        return cleaned

    def _read_balance(self, name: str) -> None:
        typed, said = self.cleaned_data.get(name) or "", self.cleaned_data
        if not typed:
            said[name] = None
            return
        try:
            said[name] = amount_of(typed, Marks(said["marks"]), said["currency"])
        except ValueError:
            self.add_error(name, _("Write this balance as the amounts of the file are written."))

    def mapping(self) -> Mapping:
        """How to read the file; only after `is_valid()`."""
        said = self.cleaned_data
        return Mapping(
            encoding=said["encoding"],
            delimiter=said["delimiter"],
            skipped_rows=said["skipped_rows"],
            footer_rows=said["footer_rows"] or 0,
            columns={
                Column(said[f"col_{index}"]): index
                for index in range(self.width)
                if said.get(f"col_{index}")
            },
            date_form=DateForm(said["date_form"]),
            marks=Marks(said["marks"]),
            account=said["account"],
            currency=said["currency"],
            is_sign_turned=said["is_sign_turned"],
        )

    @property
    def column_fields(self) -> list[Any]:
        return [self[f"col_{index}"] for index in range(self.width)]

    @property
    def plain_fields(self) -> list[Any]:
        return [self[name] for name in self.fields if not name.startswith("col_")]


class BalancesForm(forms.Form):
    """Balances that a statement in camt.053 does not state, typed from the bank's page."""

    def __init__(self, *args: Any, statements: Sequence[Statement], **more: Any) -> None:
        super().__init__(*args, **more)
        self.statements = statements
        labels = {
            "opening": _("%(name)s: balance before the first line"),
            "closing": _("%(name)s: balance after the last line"),
        }
        for place, one in enumerate(statements):
            for end, label in labels.items():
                if getattr(one, end) is None:
                    facts = {"name": one.name or one.account}
                    self.fields[f"{end}_{place}"] = forms.CharField(
                        label=str(label) % facts, required=False, max_length=60
                    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        marks = Marks.SPACE_COMMA if get_language() == "uk" else Marks.COMMA_POINT
        for name in list(cleaned):
            currency = self.statements[int(name.rpartition("_")[2])].currency
            try:
                cleaned[name] = amount_of(cleaned[name], marks, currency) if cleaned[name] else None
            except ValueError:
                example = {"example": example_of(currency, get_language() or "en")}
                self.add_error(name, _("Write the balance like %(example)s.") % example)
        return cleaned

    def completed(self) -> list[Statement]:
        """The statements with what was typed; only after `is_valid()`."""
        return [
            replace(
                one,
                opening=one.opening or self._typed("opening", place),
                closing=one.closing or self._typed("closing", place),
            )
            for place, one in enumerate(self.statements)
        ]

    def _typed(self, end: str, place: int) -> Balance | None:
        amount_minor = self.cleaned_data.get(f"{end}_{place}")
        return None if amount_minor is None else Balance(amount_minor)


def headings_of(look: Look) -> str:
    """What a file's heading row is known by; empty if it has none."""
    if look.heading_row is None:
        return ""
    cells = next((row.cells for i, row in enumerate(look.rows) if i == look.heading_row), ())
    return sha256("\x1f".join(cell.strip().casefold() for cell in cells).encode()).hexdigest()


def initial_from(look: Look, saved: CsvMapping | None, *, account: str) -> dict[str, Any]:
    """What the form shows first: how it was read before, else what the file seems to be."""
    if saved is not None:
        columns = {int(place): column for column, place in saved.columns.items()}
        known: dict[str, Any] = {
            name: getattr(saved, name)
            for name in (
                "encoding", "delimiter", "skipped_rows", "footer_rows", "date_form", "marks",
                "account", "currency", "is_sign_turned",
            )
        }  # fmt: skip
        return known | {"save_as": saved.name} | _columns(columns)
    # Where several readings fit, only a person knows: nothing is chosen for them.
    return {
        "encoding": look.encodings[0],
        "delimiter": look.delimiter,
        "skipped_rows": 0 if look.heading_row is None else look.heading_row + 1,
        "date_form": look.date_forms[0].value if len(look.date_forms) == 1 else "",
        "marks": look.marks[0].value if look.are_marks_clear else "",
        "footer_rows": len(look.footers),
        "account": account,
        "currency": look.currency,
    } | _columns({place: column.value for column, place in look.columns.items()})


def _columns(columns: dict[int, str]) -> dict[str, str]:
    return {f"col_{place}": column for place, column in columns.items()}


class ReasonForm(forms.Form):
    """Why a line is ignored, opened again, or a match undone."""

    reason = LineField(
        label=_("Reason"), length_max=REASON_MAX, error_messages={"required": REASON_EMPTY}
    )


class GiverForm(forms.Form):
    """Who gave what a line brought, where no pledge is known."""

    fund = FundField(queryset=Fund.objects.none(), label=_("Fund"), empty_label=None)
    name = LineField(
        label=_("Name of who gave"),
        length_max=200,
        required=False,
        help_text=_("Empty if they do not want to say."),
    )
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        help_text=_("For the receipt and the link. Kept encrypted, shown to nobody outside."),
        error_messages={"invalid": words.CELL["email"]},
    )
    shows_name = forms.BooleanField(label=_("They agreed that their name is shown"), required=False)
    donor_language = forms.ChoiceField(
        label=_("Language of who gave"), choices=[("en", "English"), ("uk", "Українська")]
    )
    fee = forms.CharField(
        label=_("Fee that a bank kept"),
        required=False,
        max_length=60,
        help_text=_("What is missing between what was sent and what arrived. Empty if nothing."),
    )
    purpose = LineField(
        label=_("The words under which they gave"),
        length_max=300,
        required=False,
        help_text=_("As it stood on the appeal or the cheque. Empty: the name of the fund."),
    )
    note = LineField(label=_("Note for yourselves"), length_max=300, required=False)

    def __init__(self, *args: Any, line: StatementLine, fund: Fund | None, **more: Any) -> None:
        super().__init__(*args, **more)
        self.line = line
        account = line.account
        funds = funds_of(account.partnership).filter(currency=account.currency)
        if fund is not None:
            # The money is a gift already: only its giver is asked for.
            funds = funds.filter(pk=fund.pk)
            del self.fields["fee"], self.fields["note"]
        self.fields["fund"].queryset = funds  # type: ignore[attr-defined]
        self.fields["donor_language"].initial = get_language() or "en"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("shows_name") and not cleaned.get("name"):
            self.add_error("name", words.CELL["nameless"])
        if cleaned.get("fee"):
            currency, language = self.line.account.currency, get_language() or "en"
            try:
                cleaned["fee"] = read_amount(cleaned["fee"], currency, language, words.FEE)
            except ValidationError as problem:
                self.add_error("fee", problem)
        return cleaned

    def new(self) -> NewGift:
        """What was typed; only after `is_valid()`."""
        said = self.cleaned_data
        return NewGift(
            fund=said["fund"],
            donor=DonorFacts(name=said["name"], email=said["email"]),
            shows_name=said["shows_name"],
            purpose=said["purpose"] or fund_title(said["fund"]),
            note=said.get("note") or "",
            language=said["donor_language"],
            fee_minor=said.get("fee") or 0,
        )


class EntriesForm(forms.Form):
    """Which entries of the books a line is: a box for each, named by the entry's key."""

    PREFIX = "entry-"

    def __init__(self, *args: Any, choices: Sequence[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        for key, label in choices:
            self.fields[f"{self.PREFIX}{key}"] = forms.BooleanField(label=label, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not any(cleaned.values()):
            self.add_error(None, _("Choose at least one entry."))
        return cleaned

    @property
    def keys(self) -> list[str]:
        """The keys of the entries that were ticked; only after `is_valid()`."""
        ticked = [name for name, is_ticked in self.cleaned_data.items() if is_ticked]
        return [name.removeprefix(self.PREFIX) for name in ticked]
