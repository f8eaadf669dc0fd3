"""Sentences for what the core, the actions and the ledger say by a code."""

from django.utils.translation import gettext_lazy as _

from twinhood.giving.core.sheet import Column

AMOUNT = {
    "empty": _("Enter an amount."),
    "form": _("Enter the amount with digits, such as %(example)s."),
    "digits": _("The amount has more decimal places than %(currency)s has."),
    "zero": _("Enter an amount of more than zero."),
    "negative": _("Enter the amount without a minus sign."),
    "large": _("This amount is too large to be entered at once."),
    "currency": _("This is another currency. Enter the amount in %(currency)s."),
    "amount": _("This amount is too large to be entered at once."),
}
FEE = {
    "fee": _("The fee must be smaller than the amount."),
    "form": _("Enter the fee with digits, such as %(example)s."),
    "digits": _("The fee has more decimal places than %(currency)s has."),
    "negative": _("Enter the fee without a minus sign."),
    "large": _("The fee must be smaller than the amount."),
    "currency": _("This is another currency. Enter the fee in %(currency)s."),
}
TEXT = {
    "control": _("There is a control character in this text. Type it anew."),
    "unreadable": _("A character of this text got lost on the way. Type it anew."),
    "marks": _("There are too many marks on one letter. Type the text anew."),
    "long": _("This text is too long."),
}
DATE = {
    "empty": _("Enter the day on which the gift arrived."),
    "date": _("Write the day as 2023-04-06 or 06.04.2023."),
    "slash": _(
        "With slashes it is not clear which number is the month. "
        "Choose it under “How days are written”."
    ),
    "future": _("This day has not come yet."),
    "old": _("This day is too long ago. Check the year."),
}
CELL = {
    "email": _("This is not an e-mail address."),
    "yes_no": _("Write yes or no."),
    "currency": _("This fund is kept in %(currency)s. Enter this row into another fund."),
    "nameless": _("A name is to be shown, and there is none."),
    "cells": _("This row has more cells than there are columns."),
    "missing": _("No column is chosen for this."),
}
SHEET = {
    "empty": _("Paste at least one row."),
    "bytes": _("This is more than 256 KB. Paste it in parts."),
    "rows": _("These are more than 2,000 rows. Paste them in parts."),
    "columns": _("Row %(number)s has more than 20 columns."),
    "quote": _("A quotation mark in row %(number)s is not closed, or text follows after it."),
    "one_column": _("There is only one column. Copy the rows with at least an amount and a day."),
}
DISPUTE = {
    "open": _("open: what it may take is held"),
    "won": _("won: nothing was taken"),
    "lost": _("lost: the bank took the money"),
    "won back": _("won after all: the money came back"),
}
OUTCOME = {
    "": _("waits to be handled"),
    "taken_in": _("taken in"),
    "waits": _("nothing to take in yet"),
    "held": _("held for a person"),
    "given_back": _("went back to the donor before it was booked"),
    "not_ours": _("not ours"),
    "other_account": _("of another account"),
    "other_mode": _("of test money, or of real money where we have test money"),
    "gone": _("of something that is there no more"),
    "not_needed": _("nothing follows from it"),
}
NOTICE_PROBLEM = {
    "other_amount": _("Another amount was paid than was pledged. Refund it, or enter it by hand."),
    "other_currency": _("It was paid in another currency than was pledged. Refund it."),
    "currency_changed": _(
        "The card processor changed this money into another currency, so it is not what was"
        " given, and it is not booked. Refund it there and ask the donor to give in a currency"
        " that we hold; this line then closes by itself. So that it does not happen again: add"
        " a bank account in that currency there, or have it taken off the giving page."
    ),
    "period_paid_already": _("This month was paid twice. Refund one of the two."),
    "second_subscription": _("A second monthly gift of one form. End one at the card processor."),
    "no_guarantor": _("Less is free than was given back, and nobody is named who advances it."),
    "more_than_was_given": _("More was given back than was left of the gift."),
    "only_fee_left": _("More was given back than was left of the gift."),
    "more_than_is_left": _("More was given back than was left of the gift."),
    "dispute_told_otherwise": _("The bank tells this dispute otherwise than before."),
    "taken_in_already": _("It stands in the books already, with other money."),
    "fee": _("The fee is larger than the gift."),
    "payout_unexplained": _("A payout is not the sum of its parts."),
    "rail_down": _("The card processor does not answer."),
    "fault": _("A mistake of the program. Whoever runs it finds it in the log."),
}


def notice_problem(code: str) -> str:
    """Why a notice waits for a person, and what that person does; "" for one that does not."""
    return str(NOTICE_PROBLEM.get(code, code))


PAYOUT = {
    "on its way": _("on its way to the bank"),
    "paid": _("sent to the bank"),
    "failed": _("came back from the bank"),
}
PART = {
    "gift": _("gift"),
    "refund": _("refund"),
    "dispute": _("dispute"),
    "other": _("fee or correction of the card processor"),
}
PART_PROBLEM = {
    "": "",
    "not_in_the_books": _("not in the books"),
    "other_money": _("another amount than in the books"),
}
TAKEN_IN = _("This is entered already, as gift %(ref)s, with another amount, fee or fund.")
COLUMNS = {
    Column.SKIP: _("Not read"),
    Column.AMOUNT: _("Amount"),
    Column.DATE: _("Day received"),
    Column.NAME: _("Name"),
    Column.EMAIL: _("E-mail"),
    Column.SHOWS_NAME: _("Name may be shown"),
    Column.FEE: _("Fee"),
    Column.CURRENCY: _("Currency"),
    Column.REFERENCE: _("Reference"),
    Column.NOTE: _("Note"),
}


def problem_words(column: Column, code: str) -> str:
    """The sentence for a cell's problem; may hold %(currency)s, %(example)s."""
    own = {Column.AMOUNT: AMOUNT, Column.FEE: FEE, Column.DATE: DATE}.get(column, {})
    return str(own.get(code) or TEXT.get(code) or CELL.get(code) or code)


ENOUGH_SENT_TO_YOU = _(
    "Receipts were sent to you a moment ago. Look in your mailbox, or try again in an hour."
)
ENOUGH_SENT = _("Receipts were sent to this address a moment ago. Try again in an hour.")
