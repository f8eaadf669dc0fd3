"""The sentences of a receipt in the reader's language; `core.receipt` says which there must be.

Money in Ukrainian receipts is written with the currency's name («25,00 дол. США»), as in papers.
"""

import unicodedata
from collections.abc import Callable, Mapping
from datetime import date

from django.utils.translation import get_language, gettext, pgettext

from twinhood.giving.core.receipt import Facts, Key, ReceiptKind, Sentence
from twinhood.kit.dates import long_date
from twinhood.kit.money import NBSP, format_money, format_number

# First strong isolate, and its end (UAX 9): a name in Arabic turns only itself.
FSI, PDI = "\u2068", "\u2069"
_UKRAINIAN_NAMES = {
    "USD": "дол. США",
    "UAH": "грн",
    "EUR": "євро",
    "GBP": "фунтів стерлінгів",
    "PLN": "злотих",
}


def words(sentence: Sentence) -> str:
    """The sentence in the language that is active."""
    return _SAID[sentence.key](sentence.facts)


def sum_words(amount_minor: int, currency: str) -> str:
    language = get_language() or "en"
    if language == "uk" and currency in _UKRAINIAN_NAMES:
        number = format_number(amount_minor, currency, language)
        return f"{number}{NBSP}{_UKRAINIAN_NAMES[currency]}"
    return format_money(amount_minor, currency, language)


def day_words(day: date) -> str:
    return long_date(day, get_language() or "en")


def _sum(facts: Facts, name: str = "amount_minor") -> str:
    return sum_words(int(str(facts[name])), str(facts["currency"]))


def _day(facts: Facts, name: str = "received_date") -> str:
    day = facts[name]
    if not isinstance(day, date):
        raise TypeError(name)
    return day_words(day)


def _told(facts: Facts, *names: str) -> dict[str, str]:
    """What people and organisations are called, kept from turning what stands beside it."""
    return {name: isolated(str(facts[name])) for name in names}


def isolated(text: str) -> str:
    if any(unicodedata.bidirectional(character) in {"R", "AL", "AN"} for character in text):
        return f"{FSI}{text}{PDI}"
    return text


def _number(facts: Facts) -> str:
    told = {"number": facts["number"], "issued": _day(facts, "issued_date")}
    return gettext("Number %(number)s, issued on %(issued)s") % told


def _replaces(facts: Facts) -> str:
    text = gettext("It replaces number %(number)s, which is no longer valid.")
    return text % {"number": facts["number"]}


def _cancels(facts: Facts) -> str:
    text = gettext(
        "Receipt %(number)s is cancelled and no longer valid. Do not use it for a tax return."
    )
    return text % {"number": facts["number"]}


def _organisation(facts: Facts) -> str:
    told = _told(facts, "name", "registry_code", "address")
    if told["address"]:
        return gettext("Received by %(name)s, %(address)s, registered as %(registry_code)s") % told
    return gettext("Received by %(name)s, registered as %(registry_code)s") % told


def _payer(facts: Facts) -> str:
    told = _told(facts, "name", "address")
    if told["address"]:
        return gettext("Received from %(name)s, %(address)s") % told
    return gettext("Received from %(name)s") % told


def _money(facts: Facts) -> str:
    told = {"sum": _sum(facts), "received": _day(facts), "purpose": facts["purpose"]}
    return gettext("%(sum)s, received on %(received)s for: %(purpose)s") % told


def _partly_refunded(facts: Facts) -> str:
    told = {
        "sum": _sum(facts),
        "given": _sum(facts, "given_minor"),
        "refunded": _sum(facts, "refunded_minor"),
        "received": _day(facts),
        "purpose": facts["purpose"],
    }
    text = gettext(
        "%(sum)s: %(given)s, received on %(received)s, less %(refunded)s that were given back. "
        "For: %(purpose)s"
    )
    return text % told


def _goods(facts: Facts) -> str:
    told = {"what": facts["description"], "received": _day(facts), "purpose": facts["purpose"]}
    return gettext("%(what)s, received on %(received)s for: %(purpose)s") % told


def _total(facts: Facts) -> str:
    return gettext("In all: %(sum)s") % {"sum": _sum(facts)}


def _nothing_in_return(facts: Facts) -> str:
    return gettext("No goods or services were provided in return.")


def _in_return(facts: Facts) -> str:
    told = {"what": facts["description"], "sum": _sum(facts, "value_minor")}
    text = gettext(
        "In return the donor got: %(what)s. In good faith its value is estimated at %(sum)s."
    )
    return text % told


def _deductible_part(facts: Facts) -> str:
    told = {"sum": _sum(facts), "received": _day(facts)}
    text = gettext(
        "Of the gift received on %(received)s no more than %(sum)s can be deducted for federal "
        "income tax: what exceeds the value of what was given in return."
    )
    return text % told


def _control(facts: Facts) -> str:
    text = gettext(
        "%(name)s keeps control and discretion over this money. It is meant for the purpose named "
        "here; if that cannot be carried out, it goes to another purpose by the published rule."
    )
    return text % _told(facts, "name")


def _keep(facts: Facts) -> str:
    return gettext(
        "Keep this acknowledgement: for a gift of $250 or more you must have it when you file "
        "your tax return."
    )


def _goods_value(facts: Facts) -> str:
    return gettext("What it was worth is for the donor to say; no value is stated here.")


def _gift_aid_claimed(facts: Facts) -> str:
    told = {"sum": _sum(facts), "claim": _sum(facts, "claim_minor")}
    text = gettext("Gift Aid is claimed on %(sum)s: HM Revenue & Customs adds %(claim)s.")
    return text % told


def _gift_aid_tax(facts: Facts) -> str:
    return gettext(
        "If you pay less Income Tax and/or Capital Gains Tax in a tax year than the Gift Aid "
        "claimed on all your gifts in that year, it is your responsibility to pay the difference."
    )


def _gift_aid_not_claimed(facts: Facts) -> str:
    return gettext("No Gift Aid is claimed on this.")


def _plain(facts: Facts) -> str:
    return gettext(
        "This confirms what was received. Whether it lowers your tax is for the law where you live."
    )


def _charitable_gift(facts: Facts) -> str:
    return pgettext(
        "law",
        "This is a charitable gift under the Law of Ukraine No. 5073-VI on charitable activity "
        "and charitable organisations.",
    )


def _declaration(facts: Facts) -> str:
    told = _told(facts, "name", "donor", "which")
    return gettext("%(donor)s wants %(name)s to claim Gift Aid on %(which)s.") % told


def _declaration_home(facts: Facts) -> str:
    return gettext("Home address: %(address)s") % _told(facts, "address")


_SAID: Mapping[Key, Callable[[Facts], str]] = {
    Key.NUMBER: _number,
    Key.REPLACES: _replaces,
    Key.CANCELS: _cancels,
    Key.ORGANISATION: _organisation,
    Key.PAYER: _payer,
    Key.MONEY: _money,
    Key.MONEY_PARTLY_REFUNDED: _partly_refunded,
    Key.GOODS: _goods,
    Key.TOTAL: _total,
    Key.NOTHING_IN_RETURN: _nothing_in_return,
    Key.IN_RETURN: _in_return,
    Key.DEDUCTIBLE_PART: _deductible_part,
    Key.CONTROL: _control,
    Key.KEEP: _keep,
    Key.GOODS_VALUE_IS_DONORS: _goods_value,
    Key.GIFT_AID_CLAIMED: _gift_aid_claimed,
    Key.GIFT_AID_TAX: _gift_aid_tax,
    Key.GIFT_AID_NOT_CLAIMED: _gift_aid_not_claimed,
    Key.PLAIN: _plain,
    Key.CHARITABLE_GIFT: _charitable_gift,
    Key.DECLARATION: _declaration,
    Key.DECLARATION_HOME: _declaration_home,
}


def title(kind: ReceiptKind, number: str, *, year: int, is_cancellation: bool) -> str:
    """What a receipt is called, on the page and in a letter's subject."""
    if is_cancellation:
        return gettext("Cancellation %(number)s") % {"number": number}
    if year:
        told = {"year": year, "number": number}
        return gettext("Gifts in %(year)s: statement %(number)s") % told
    return gettext("Receipt %(number)s") % {"number": number}


def year_note() -> str:
    return gettext(
        "This statement sums up the year. Receipts for single gifts are of the same gifts: use "
        "these or the statement, never both."
    )


def specimen_note() -> str:
    return gettext("Specimen: the organisation and the money on it are made up for an example.")
