"""Sentences for what the bank's cores and verbs say by a code."""

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from twinhood.kit.money import format_money
from twinhood.treasury.core.csv_statement import Column, Problem
from twinhood.treasury.core.matching import Reason
from twinhood.treasury.core.statement import BadStatement
from twinhood.treasury.models import Decision, Match

# Why a file cannot be read at all.
FILE = {
    "empty": _("There is no line of a statement in this file."),
    "bytes": _("This file is too large. Ask the bank for a shorter period."),
    "spreadsheet": _(
        "This is a spreadsheet. Save it as CSV, or ask the bank for camt.053, and choose that file."
    ),
    "pdf": _("This is a PDF, for people to read. Ask the bank for camt.053 or CSV."),
    "other": _("This format is not read here. Ask the bank for camt.053 or CSV."),
    "mt940": _("This is MT940, which is not read here. Ask the bank for camt.053 or CSV."),
    "dtd": _(
        "This file declares a document type or entities. No bank does that, so it is not opened."
    ),
    "xml": _("This file is not whole: it is no well-formed XML. Get it from the bank again."),
    "kind": _("This XML is not a bank statement in camt.053."),
    "version": _("This version of camt.053 is not known here (2 to 14 are)."),
    "namespace": _("This file mixes camt.053 with something else."),
    "encoding": _("These bytes are no text in the chosen encoding."),
    "nul": _("There are null characters in this file: it is no text, or in another encoding."),
    "quote": _("A quotation mark is opened and never closed."),
    "mapping": _(
        "Choose one column for the day, and either one for the amount or two for money in and out."
    ),
    "rows_unread": _("Some rows do not fit what you chose below. Nothing is taken in."),
}
# Bounds that no bank's file reaches, and parts that every bank's file has.
LIMITS = frozenset(
    ["stretch", "depth", "attributes", "elements", "lines", "long", "rows", "columns"],
)
_LIMIT = _("This file is larger or deeper than any bank’s statement. It is not read.")
_PART = _("Something in this file is not as camt.053 says: %(what)s.")
_LINE = _("Line %(row)d of the file: %(sentence)s")

ROW = {
    "date": _("this is no day in the chosen form"),
    "amount": _("this is no amount in the chosen form"),
    "digits": _("this amount has more decimal places than the currency"),
    "large": _("this amount is too large"),
    "currency": _("this is not the account’s currency"),
    "both": _("money in and money out in one row"),
    "direction": _(
        "this does not say whether money came in or went out, or the sign says otherwise"
    ),
    "missing": _("nothing stands here"),
    "long": _("this text is too long"),
    "columns": _("this row has too few cells"),
}
COLUMN = {
    Column.BOOKED_DATE: _("Day booked"),
    Column.VALUE_DATE: _("Value date"),
    Column.AMOUNT: _("Amount with its sign"),
    Column.CREDIT: _("Money in"),
    Column.DEBIT: _("Money out"),
    Column.DIRECTION: _("Whether it came in or went out"),
    Column.BALANCE: _("Balance behind it"),
    Column.CURRENCY: _("Currency"),
    Column.BANK_REF: _("The bank’s number for it"),
    Column.REFERENCE: _("Reference"),
    Column.TEXT: _("What it says"),
    Column.OTHER_NAME: _("Who paid or was paid"),
    Column.OTHER_ACCOUNT: _("Their account"),
}
DELIMITER = {
    ";": _("semicolon ;"),
    ",": _("comma ,"),
    "\t": _("tabulator"),
    "|": _("vertical bar |"),
}
REASON = {
    Reason.REFERENCE: _("it names this pledge’s reference"),
    Reason.REFERENCE_BARE: _("it names this pledge’s number, without RF"),
    Reason.REFERENCE_MENDED: _("it names this pledge’s reference with one slip"),
    Reason.REFERENCE_USED: _("this pledge has its money already"),
    Reason.SAME_ACCOUNT: _("this donor paid from this account before"),
    Reason.SAME_NAME: _("the same name"),
    Reason.LIKE_NAME: _("a like name"),
    Reason.SAME_AMOUNT: _("the same amount"),
    Reason.NEAR_DAY: _("pledged shortly before"),
    Reason.OTHER_AMOUNT: _("another amount was pledged"),
    Reason.OTHER_CURRENCY: _("pledged in another currency"),
}
STATE = {"open": _("open"), "matched": _("matched"), "ignored": _("ignored")}
KIND = {
    Match.Kind.PLEDGE: _("pledge"),
    Match.Kind.GIFT: _("gift"),
    Match.Kind.ENTRY: _("stood in the books"),
    Match.Kind.PAYOUT: _("payout"),
    Match.Kind.COST: _("the bank’s charge or interest"),
}
DECISION = {
    Decision.Kind.MATCHED: _("matched"),
    Decision.Kind.UNDONE: _("match undone"),
    Decision.Kind.IGNORED: _("ignored"),
    Decision.Kind.OPENED: _("opened again"),
}


def of_file(problem: BadStatement) -> str:
    """What is wrong with a file, and where."""
    sentence = FILE.get(problem.code)
    if sentence is None and problem.code in LIMITS:
        sentence = _LIMIT
    part = {"what": problem.what or problem.code}
    words = str(sentence) if sentence is not None else str(_PART) % part
    return str(_LINE) % {"row": problem.row, "sentence": words} if problem.row else words


def of_rows(problems: tuple[Problem, ...]) -> list[dict[str, Any]]:
    """Each cell that was not understood: its row and column, what stands there, what is wrong."""
    return [
        {
            "row": problem.row,
            "column": COLUMN[problem.column],
            "typed": problem.typed,
            "sentence": ROW.get(problem.code, problem.code),
        }
        for problem in problems
    ]


def of_hold(facts: dict[str, Any]) -> str:
    """Why a file is held, with what differs."""
    language, currency = get_language() or "en", facts["currency"]
    expected, stated = facts["expected_minor"], facts["stated_minor"]
    said = {
        "account": facts["account"],
        "row": facts["row"],
        "expected": format_money(expected, currency, language),
        "stated": format_money(stated, currency, language),
        "difference": format_money(stated - expected, currency, language),
    }
    return str(_HOLD[facts["reason"]]) % said


_HOLD = {
    "no_balance": _(
        "%(account)s: the file does not say where the account began or ended. "
        "Type both balances from the bank’s page."
    ),
    "balance": _(
        "%(account)s: the opening balance and all lines make %(expected)s, but the statement ends "
        "with %(stated)s. The difference is %(difference)s."
    ),
    "gap": _(
        "%(account)s: what is known and this file make %(expected)s, but the bank says %(stated)s. "
        "%(difference)s are not explained: is a statement between them missing?"
    ),
    "running": _(
        "%(account)s: the bank’s own balance breaks at row %(row)d. "
        "Lines are missing or out of order."
    ),
}
LINE_NOT_OPEN = _("Somebody decided about this line meanwhile. Look again.")
OTHER_CURRENCY = _("The line is in %(currency)s, and this is in %(other)s.")
OTHER_FUND = _(
    "The gift lies on the line of the fund %(fund)s, and this pledge is for another. "
    "Its segment does not move; name the giver by hand."
)
OTHER_AMOUNT = _("What you chose makes %(chosen)s, and %(open)s of the line are open.")
MATCHED_ELSEWHERE = _("This stands at the bank already, in another line.")
NOT_OUR_PAYOUT = _(
    "The parts of this payout do not add up, or are gifts of another partnership too. "
    "It cannot be booked here."
)
FILE_GONE = _("This file was taken in or put away. Upload it again to look at it.")
