"""What each kind of receipt must state, as sentences to be put into words.

A sentence is a key with named facts; the page and the PDF say it in the reader's language. Each
names the rule that asks for it. These are the rules as published; a lawyer's eye replaces nothing.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

# A gift from which the donor got something back is told its part (26 U.S.C. 6115), and one that
# is acknowledged in writing or not deductible at all (26 U.S.C. 170(f)(8)); minor units of USD.
QUID_PRO_QUO_ABOVE_MINOR = 75_00
ACKNOWLEDGED_FROM_MINOR = 250_00
# Basic rate of 20 %: 25 pence for each pound that was given.
GIFT_AID_PERCENT = 25


class ReceiptKind(StrEnum):
    US = "us"
    UK_GIFT_AID = "uk_gift_aid"
    EU = "eu"
    UA = "ua"


class Key(StrEnum):
    """One sentence each; in brackets its facts."""

    NUMBER = "number"  # number, issued_date
    REPLACES = "replaces"  # number
    CANCELS = "cancels"  # number
    ORGANISATION = "organisation"  # name, registry_code, address
    PAYER = "payer"  # name, address
    MONEY = "money"  # amount_minor, currency, received_date, purpose
    MONEY_PARTLY_REFUNDED = "money_partly_refunded"  # as MONEY, and given_minor, refunded_minor
    GOODS = "goods"  # description, received_date, purpose: never a value
    TOTAL = "total"  # amount_minor, currency
    NOTHING_IN_RETURN = "nothing_in_return"
    IN_RETURN = "in_return"  # description, value_minor, currency: the organisation's honest view
    DEDUCTIBLE_PART = "deductible_part"  # amount_minor, currency, received_date
    CONTROL = "control"  # name
    KEEP = "keep"
    GOODS_VALUE_IS_DONORS = "goods_value_is_donors"
    GIFT_AID_CLAIMED = "gift_aid_claimed"  # amount_minor, claim_minor, currency
    GIFT_AID_TAX = "gift_aid_tax"
    GIFT_AID_NOT_CLAIMED = "gift_aid_not_claimed"
    PLAIN = "plain"
    CHARITABLE_GIFT = "charitable_gift"
    DECLARATION = "declaration"  # name, donor, which
    DECLARATION_HOME = "declaration_home"  # address


type Facts = Mapping[str, str | int | date]


@dataclass(frozen=True, slots=True)
class Sentence:
    key: Key
    source: str
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Organisation:
    """Who received the gift in law. `registry_code`: EIN, charity number, ЄДРПОУ …"""

    name: str
    registry_code: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class ReceiptGift:
    """One gift on a receipt: money (`given_minor` of `currency`) or goods (`description`).

    `return_*` is what the donor got for it, at the organisation's honest estimate.
    """

    received_date: date
    purpose: str
    given_minor: int = 0
    refunded_minor: int = 0
    currency: str = ""
    description: str = ""
    return_description: str = ""
    return_minor: int = 0

    @property
    def is_goods(self) -> bool:
        return bool(self.description)

    @property
    def amount_minor(self) -> int:
        return self.given_minor - self.refunded_minor


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt of one gift, or of a year's. `replaces` is the number that it puts out of force;
    without gifts it only cancels that one."""

    kind: ReceiptKind
    number: str
    issued_date: date
    organisation: Organisation
    gifts: tuple[ReceiptGift, ...] = ()
    payer_name: str = ""
    payer_address: str = ""
    has_gift_aid: bool = False
    replaces: str = ""


class ReceiptLacks(ValueError):
    """Facts without which this kind of receipt would not be one, or that cannot stand on it.

    Names: organisation, registry_code, payer_name, payer_address, gifts, purpose, amount, return,
    currency, replaces.
    """

    def __init__(self, facts: tuple[str, ...]) -> None:
        super().__init__(", ".join(facts))
        self.facts = facts


_REGISTRY_CODES = {
    ReceiptKind.US: re.compile(r"[0-9]{2}-[0-9]{7}"),
    ReceiptKind.UA: re.compile(r"[0-9]{8}"),
}
_PUB_1771 = "IRS Publication 1771; 26 CFR 1.170A-13(f)(2)"
_CONTROL = "Rev. Rul. 63-252; Rev. Rul. 66-79"
_HMRC = "HMRC, Charities: detailed guidance notes, chapter 3"
_ITA = "Income Tax Act 2007, s. 413-430"
_EU = "legal entity, registry code, payer, purpose, amount in figures, date"
_UA = "Закон України 5073-VI «Про благодійну діяльність та благодійні організації»"
_OWN = "numbered, never changed: a later one names the one that it replaces"


def sentences(receipt: Receipt) -> list[Sentence]:
    """All that the receipt must state, in order. Raises ReceiptLacks."""
    if lacking := tuple(_lacking(receipt)):
        raise ReceiptLacks(lacking)
    head = list(_head(receipt))
    if not receipt.gifts:
        return head
    return [*head, *_gifts(receipt), *_OF_KIND[receipt.kind](receipt)]


def gift_aid_declaration(
    *, organisation: Organisation, donor: str, home_address: str, which: str
) -> list[Sentence]:
    """What a donor declares so that tax can be claimed back: who, where they live, which gifts.

    `which` names them: "this gift", "all gifts from today". Raises ReceiptLacks: the home address
    is what HMRC asks for first.
    """
    facts = {"organisation": organisation.name, "payer_name": donor}
    facts |= {"payer_address": home_address, "gifts": which}
    if lacking := tuple(name for name, value in facts.items() if not value.strip()):
        raise ReceiptLacks(lacking)
    named = {"name": organisation.name, "donor": donor, "which": which}
    return [
        Sentence(Key.DECLARATION, _HMRC, named),
        Sentence(Key.DECLARATION_HOME, _HMRC, {"address": home_address}),
        Sentence(Key.GIFT_AID_TAX, _HMRC),
    ]


def gift_aid_return_max_minor(amount_minor: int) -> int:
    """How much a donor may get back for a gift before Gift Aid is lost, in pence.

    A quarter of the first 100 pounds and a twentieth of the rest, 2,500 pounds at most (Income Tax
    Act 2007, s. 418, as amended by Finance Act 2019).
    """
    first = min(amount_minor, 100_00)
    return min(first * 25 // 100 + (amount_minor - first) * 5 // 100, 2_500_00)


def _lacking(receipt: Receipt) -> Iterator[str]:
    organisation, form = receipt.organisation, _REGISTRY_CODES.get(receipt.kind)
    if not organisation.name.strip():
        yield "organisation"
    code = organisation.registry_code.strip()
    if not code or (form and not form.fullmatch(code)):
        yield "registry_code"
    if not receipt.gifts:
        if not receipt.replaces:
            yield "gifts"
        return
    # In the United States the acknowledgement names the charity; the donor's name is custom.
    if receipt.kind != ReceiptKind.US and not receipt.payer_name.strip():
        yield "payer_name"
    if receipt.has_gift_aid and not receipt.payer_address.strip():
        yield "payer_address"
    yield from dict.fromkeys(name for gift in receipt.gifts for name in _wrong_in(gift, receipt))


def _wrong_in(gift: ReceiptGift, receipt: Receipt) -> Iterator[str]:
    if not gift.purpose.strip():
        yield "purpose"
    is_money = gift.amount_minor > 0 and gift.refunded_minor >= 0 and bool(gift.currency)
    is_only_goods = not (gift.given_minor or gift.refunded_minor)
    if not (is_only_goods if gift.is_goods else is_money):
        yield "amount"
    if gift.return_minor < 0 or bool(gift.return_minor) > bool(gift.return_description):
        yield "return"
    if receipt.has_gift_aid and (gift.is_goods or gift.currency != "GBP"):
        yield "currency"
    if receipt.has_gift_aid and gift.return_minor > gift_aid_return_max_minor(gift.amount_minor):
        yield "return"


def _head(receipt: Receipt) -> Iterator[Sentence]:
    yield Sentence(Key.NUMBER, _OWN, {"number": receipt.number, "issued_date": receipt.issued_date})
    organisation = receipt.organisation
    named: Facts = {
        "name": organisation.name,
        "registry_code": organisation.registry_code,
        "address": organisation.address,
    }
    yield Sentence(Key.ORGANISATION, _SOURCES[receipt.kind], named)
    if receipt.replaces:
        key = Key.REPLACES if receipt.gifts else Key.CANCELS
        yield Sentence(key, _OWN, {"number": receipt.replaces})


def _gifts(receipt: Receipt) -> Iterator[Sentence]:
    source = _SOURCES[receipt.kind]
    if receipt.payer_name:
        payer = {"name": receipt.payer_name, "address": receipt.payer_address}
        yield Sentence(Key.PAYER, source, payer)
    totals: Counter[str] = Counter()
    for gift in receipt.gifts:
        yield _gift(gift, source)
        if not gift.is_goods:
            totals[gift.currency] += gift.amount_minor
    if len(receipt.gifts) > 1:
        for currency, amount_minor in sorted(totals.items()):
            yield Sentence(Key.TOTAL, source, {"amount_minor": amount_minor, "currency": currency})


def _gift(gift: ReceiptGift, source: str) -> Sentence:
    facts: dict[str, str | int | date] = {
        "received_date": gift.received_date,
        "purpose": gift.purpose,
    }
    if gift.is_goods:
        return Sentence(Key.GOODS, source, {**facts, "description": gift.description})
    facts |= {"amount_minor": gift.amount_minor, "currency": gift.currency}
    if not gift.refunded_minor:
        return Sentence(Key.MONEY, source, facts)
    facts |= {"given_minor": gift.given_minor, "refunded_minor": gift.refunded_minor}
    return Sentence(Key.MONEY_PARTLY_REFUNDED, source, facts)


def _in_return(receipt: Receipt, source: str) -> Iterator[Sentence]:
    returned = [gift for gift in receipt.gifts if gift.return_description]
    for gift in returned:
        facts: Facts = {
            "description": gift.return_description,
            "value_minor": gift.return_minor,
            "currency": gift.currency,
        }
        yield Sentence(Key.IN_RETURN, source, facts)
    if not returned:
        yield Sentence(Key.NOTHING_IN_RETURN, source)


def _us(receipt: Receipt) -> Iterator[Sentence]:
    yield from _in_return(receipt, _PUB_1771)
    for gift in receipt.gifts:
        if gift.return_minor and _is_above(gift, QUID_PRO_QUO_ABOVE_MINOR):
            facts: Facts = {
                "amount_minor": max(0, gift.amount_minor - gift.return_minor),
                "currency": gift.currency,
                "received_date": gift.received_date,
            }
            yield Sentence(Key.DEDUCTIBLE_PART, "26 U.S.C. 6115", facts)
    if any(gift.is_goods for gift in receipt.gifts):
        yield Sentence(Key.GOODS_VALUE_IS_DONORS, _PUB_1771)
    yield Sentence(Key.CONTROL, _CONTROL, {"name": receipt.organisation.name})
    if any(g.is_goods or _is_above(g, ACKNOWLEDGED_FROM_MINOR - 1) for g in receipt.gifts):
        yield Sentence(Key.KEEP, "26 U.S.C. 170(f)(8)")


def _is_above(gift: ReceiptGift, threshold_minor: int) -> bool:
    """Whether a threshold of the law, in US cents, is passed; other currencies always are."""
    return gift.currency != "USD" or gift.amount_minor > threshold_minor


def _uk(receipt: Receipt) -> Iterator[Sentence]:
    yield from _in_return(receipt, _ITA)
    if not receipt.has_gift_aid:
        yield Sentence(Key.GIFT_AID_NOT_CLAIMED, _ITA)
        return
    amount_minor = sum(gift.amount_minor for gift in receipt.gifts)
    facts: Facts = {
        "amount_minor": amount_minor,
        "claim_minor": amount_minor * GIFT_AID_PERCENT // 100,
        "currency": "GBP",
    }
    yield Sentence(Key.GIFT_AID_CLAIMED, _ITA, facts)
    yield Sentence(Key.GIFT_AID_TAX, _HMRC)


def _eu(receipt: Receipt) -> Iterator[Sentence]:
    yield from _in_return(receipt, _EU)
    yield Sentence(Key.CONTROL, _EU, {"name": receipt.organisation.name})
    yield Sentence(Key.PLAIN, _EU)


def _ua(receipt: Receipt) -> Iterator[Sentence]:
    yield from _in_return(receipt, _UA)
    yield Sentence(Key.CHARITABLE_GIFT, _UA)
    yield Sentence(Key.PLAIN, _UA)


_OF_KIND = {
    ReceiptKind.US: _us,
    ReceiptKind.UK_GIFT_AID: _uk,
    ReceiptKind.EU: _eu,
    ReceiptKind.UA: _ua,
}
_SOURCES = {
    ReceiptKind.US: _PUB_1771,
    ReceiptKind.UK_GIFT_AID: _ITA,
    ReceiptKind.EU: _EU,
    ReceiptKind.UA: _UA,
}
