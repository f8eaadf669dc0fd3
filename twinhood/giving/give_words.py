"""Sentences of the giving page for what the core says by a code."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from twinhood.giving import words
from twinhood.giving.core.giving_form import Problem, Terms
from twinhood.giving.fields import example_of
from twinhood.kit.money import format_money, minor_from_major

PROBLEMS: Mapping[tuple[str, str], Any] = {
    ("what", "gone"): _("This is not offered any more. Choose what your gift is for."),
    ("rail", "gone"): _("Choose how to pay: the way you chose is not open now."),
    ("rail", "currency"): _("This way of paying does not take %(currency)s. Choose another."),
    ("rhythm", "rail"): _("A gift each month is possible by card only. Give once, or by card."),
    ("amount", "small"): _("Enter an amount of %(least)s or more."),
    ("other", "small"): _("Enter an amount of %(least)s or more."),
    ("other", "zero"): _("Enter an amount of %(least)s or more."),
    ("amount", "large"): _("Enter an amount of %(most)s or less. For more, write to us first."),
    ("other", "large"): _("Enter an amount of %(most)s or less. For more, write to us first."),
    ("amount", "form"): _("Choose an amount, or enter another."),
    ("email", "email"): _("Enter an e-mail address, like name@example.com."),
    ("email", "monthly"): _("Enter your e-mail: with it you can change or end a monthly gift."),
    ("name", "shown"): _("Enter the name that is to be shown, or switch the showing off."),
    ("name", "receipt"): _("Enter your name: the receipt of your country must state it."),
    ("name", "gift_aid"): _("Enter your full name: the Gift Aid declaration must state it."),
    ("address", "gift_aid"): _("Enter your home address: Gift Aid cannot be claimed without it."),
    ("gift_aid", "currency"): _("Gift Aid is claimed on gifts in pounds only."),
    ("rule", "gone"): _("Choose the country whose receipt you need."),
    ("team", "gone"): _("This team is not there any more. Choose another, or none."),
    ("form_key", "gone"): _("Something of this form was lost on the way. Check it and send again."),
    ("form_key", "other"): _(
        "You sent this form before with other entries. Check what stands below; if you send it "
        "now, it is a gift of its own."
    ),
    ("", "down"): _(
        "The way of paying that you chose does not answer. Try again, or choose another."
    ),
    ("", "paused"): _(
        "Too many cards were refused from your network in the last hour, so it cannot pay by card "
        "for a while. You can give by bank transfer now, or by card later."
    ),
}
# Why a rail refused, or a pledge failed; anything else is told plainly.
REFUSALS: Mapping[str, Any] = {
    "card_declined": _("Your bank declined the payment. Try again, or use another card."),
    "insufficient_funds": _("There is not enough money on the card. Use another one."),
    "expired_card": _("The card has expired. Use another one."),
    "incorrect_cvc": _("The security code was wrong. Try again."),
    "authentication_required": _(
        "Your bank asked for a confirmation that did not come. Try again."
    ),
    "no_account": _("No bank account is named for transfers now. Choose another way."),
    "canceled": _("The payment was not finished."),
    "expired": _("Nothing was paid in time, so the payment was closed."),
}
REFUSED = _("The payment did not go through. Try again, or choose another way.")
RULES: Mapping[str, Any] = {
    "us": _("United States"),
    "uk_gift_aid": _("United Kingdom"),
    "eu": _("European Union, or another country"),
    "ua": _("Ukraine"),
}
# Names of currencies as the page asks for an amount in them.
CURRENCIES: Mapping[str, Any] = {
    "USD": _("US dollars"),
    "EUR": _("euros"),
    "GBP": _("pounds"),
    "UAH": _("hryvnias"),
    "PLN": _("zlotys"),
    "JPY": _("yen"),
    "KWD": _("Kuwaiti dinars"),
}


def sentence(problem: Problem, currency: str, terms: Terms | None, language: str) -> str:
    """What the donor reads; amounts in `currency`."""
    found = PROBLEMS.get((problem.field, problem.code))
    if found is None:
        found = words.AMOUNT.get(problem.code) if problem.field in {"other", "amount"} else None
    if found is None:
        found = words.TEXT.get(problem.code, REFUSED)
    least, most = (terms.major_min, terms.major_max) if terms else (1, 1)
    facts = {
        "currency": currency,
        "example": example_of(currency, language),
        "least": _whole(least, currency, language),
        "most": _whole(most, currency, language),
    }
    return str(found) % facts


def _whole(amount_major: int, currency: str, language: str) -> str:
    return format_money(minor_from_major(amount_major, currency), currency, language, short=True)


def refusal(code: str) -> str:
    return str(REFUSALS.get(code, REFUSED))
