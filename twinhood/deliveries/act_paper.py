"""The act of acceptance as a paper: what stands on it, in both languages.

What a Ukrainian primary document needs (Law 996-XIV, article 9), and what customs and the
balance sheet ask for afterwards: parties with their codes, the basis, each thing with number,
year, condition and value, who signed as what.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from django.utils import translation
from django.utils.translation import gettext, pgettext

from twinhood.deliveries import things, words
from twinhood.deliveries.core.act import Role, in_uah_minor
from twinhood.deliveries.models import (
    ActRate,
    ActSeat,
    ActSigner,
    GivenThing,
    HandoverAct,
    HandoverLine,
)
from twinhood.documents.core.capacity import Capacity
from twinhood.documents.core.paper import (
    Article,
    HandSignature,
    Paper,
    Party,
    SignaturePlace,
    Table,
    Words,
)
from twinhood.kit.dates import long_date
from twinhood.kit.money import format_money
from twinhood.people.models import Organisation
from twinhood.twinnings import signing
from twinhood.twinnings.core.setting import in_each

LANGUAGES = ("uk", "en")
KIND = "hand-over"
# №, thing, number, year, condition, how many, price of one, value in hryvnias; millimetres.
_WIDTHS = (7, 0, 33, 11, 25, 9, 27, 27)
_NUMERIC = (True, False, False, False, False, True, True, True)


def _said(say: Callable[[], str]) -> dict[str, str]:
    """What `say` says in each language of the paper."""
    found = {}
    for language in LANGUAGES:
        with translation.override(language):
            found[language] = say()
    return found


def _same(text: str) -> dict[str, str]:
    return dict.fromkeys(LANGUAGES, text)


def title_of(act: HandoverAct) -> dict[str, str]:
    """Its title tells nothing of what was handed over: it stands on the public check page."""
    return _said(lambda: gettext("Act of acceptance and transfer %(act)s") % {"act": act})


def paper_of(act: HandoverAct, *, to_sign: bool = False) -> Paper:
    """The act's paper as its rows stand now. `to_sign`: to be printed and signed by hand."""
    rates = {rate.currency: rate for rate in act.rates.all()}
    lines = list(
        act.lines.select_related(
            "unit__order__need", "unit__order__quote__supplier", "given"
        ).order_by("unit__order__need__number", "unit__number", "pk")
    )
    signers = act.signers.order_by("position")
    return Paper(
        kind=KIND,
        kind_words=_said(lambda: gettext("Act of acceptance and transfer")),
        languages=LANGUAGES,
        title=title_of(act),
        parties=(
            _party(act.giver, _said(lambda: gettext("Handed over by"))),
            _party(act.receiver, _said(lambda: gettext("Received by"))),
        ),
        preamble=(_opening(act),),
        tables=(_things(lines, rates),),
        articles=tuple(_articles(act, lines, rates)),
        places=tuple(_places(act)),
        by_hand=tuple(_hand(signer, to_sign=to_sign) for signer in signers),
        dated=act.handed_over_date,
        is_specimen=act.partnership.is_example,
    )


def _party(organisation: Organisation, role: Mapping[str, str]) -> Party:
    is_ukrainian = organisation.place is not None and organisation.place.country_code == "UA"

    def code() -> str:
        if not organisation.registry_code:
            return gettext("registry code not recorded")
        sentence = gettext("EDRPOU code %(code)s") if is_ukrainian else gettext("code %(code)s")
        return sentence % {"code": organisation.registry_code}

    codes = _said(code)
    about = {language: f"{role[language]}; {codes[language]}" for language in LANGUAGES}
    return Party(name=in_each(organisation.name, LANGUAGES), about=about)


def _opening(act: HandoverAct) -> dict[str, str]:
    def say() -> str:
        language = translation.get_language() or "en"
        return gettext(
            "%(place)s, %(day)s. The giver handed over, and the commission of the receiver looked "
            "at and accepted, free of charge, what is listed below."
        ) % {
            "place": act.place.name_in(language),
            "day": long_date(act.handed_over_date, language),
        }

    return _said(say)


def _things(lines: Iterable[HandoverLine], rates: Mapping[str, ActRate]) -> Table:
    heads = (
        lambda: pgettext("column of an act", "No."),
        lambda: gettext("Thing"),
        lambda: gettext("Serial number or VIN"),
        lambda: pgettext("column of an act", "Year"),
        lambda: gettext("Condition"),
        lambda: pgettext("column of an act", "Qty"),
        lambda: gettext("Price of one"),
        lambda: gettext("Value, UAH"),
    )
    return Table(
        caption=_said(lambda: gettext("What was handed over")),
        heads=tuple(_said(head) for head in heads),
        rows=tuple(_row(number, line, rates) for number, line in enumerate(lines, 1)),
        widths=_WIDTHS,
        numeric=_NUMERIC,
    )


def _row(number: int, line: HandoverLine, rates: Mapping[str, ActRate]) -> tuple[Words, ...]:
    rate = rates.get(line.currency)
    is_missing = line.condition == HandoverAct.Condition.MISSING
    return (
        _same(str(number)),
        in_each(things.line_name(line), LANGUAGES),
        _same(line.serial or "—"),
        _same(str(line.model_year or "—")),
        _said(lambda: str(words.CONDITION[HandoverAct.Condition(line.condition)])),
        _same("0" if is_missing else str(line.given.quantity if line.given else 1)),
        _price_of_one(line),
        _money(value_in_uah_minor(line.value_minor, rate), "UAH") if rate else _same("—"),
    )


def _price_of_one(line: HandoverLine) -> dict[str, str]:
    """The price paid, or the value found; a dash where that of several does not divide evenly."""
    each_minor, rest_minor = divmod(line.value_minor, line.given.quantity if line.given else 1)
    return _same("—") if rest_minor else _money(each_minor, line.currency)


def value_in_uah_minor(amount_minor: int, rate: ActRate) -> int:
    return in_uah_minor(amount_minor, foreign_minor=rate.foreign_minor, uah_minor=rate.uah_minor)


def _money(amount_minor: int, currency: str) -> dict[str, str]:
    return {language: format_money(amount_minor, currency, language) for language in LANGUAGES}


def _articles(
    act: HandoverAct, lines: list[HandoverLine], rates: Mapping[str, ActRate]
) -> Iterable[Article]:
    yield Article(_said(lambda: gettext("Basis")), tuple(_basis(act, lines)))
    yield Article(_said(lambda: gettext("Value")), tuple(_value(lines, rates)))
    notes = [line for line in lines if line.note]
    if notes:
        yield Article(
            _said(lambda: gettext("What the commission noted")),
            tuple(_note(line) for line in notes),
        )
    if act.with_papers:
        yield Article(
            _said(lambda: gettext("Handed over with them")),
            tuple(_lines_side_by_side(in_each(act.with_papers, LANGUAGES))),
        )
    yield Article(
        _said(lambda: gettext("What follows")),
        (
            _said(
                lambda: gettext(
                    "The receiver enters the things in its books, uses them for the purpose for "
                    "which they were given, and does not sell them. What is damaged or missing is "
                    "noted above and does not count as received in order."
                )
            ),
        ),
    )


def _basis(act: HandoverAct, lines: list[HandoverLine]) -> Iterable[Words]:
    if act.offer:
        yield _said(lambda: gettext("Letter of the giver: %(offer)s.") % {"offer": act.offer})
    if act.declaration_code:
        yield _said(
            lambda: (
                gettext("Humanitarian declaration, code %(code)s.") % {"code": act.declaration_code}
            )
        )
    for line in lines:
        if line.given:
            yield _given_basis(line.given)
    orders = dict.fromkeys(line.unit.order for line in lines if line.unit)
    for order in orders:
        names = in_each(order.quote.supplier.name, LANGUAGES)

        def say(order: object = order, names: Mapping[str, str] = names) -> str:
            language = translation.get_language() or "en"
            return gettext("Order %(order)s, supplier: %(supplier)s.") % {
                "order": order,
                "supplier": names[language],
            }

        yield _said(say)


def _given_basis(given: GivenThing) -> Words:
    def say() -> str:
        language = translation.get_language() or "en"
        sentence = gettext(
            "Given in kind, received on %(day)s, at its fair value: %(sum)s (%(key)s)."
        )
        return sentence % {
            "day": long_date(given.received_date, language),
            "sum": format_money(given.value_minor, given.currency, language),
            "key": given.key,
        }

    return _said(say)


def _value(lines: list[HandoverLine], rates: Mapping[str, ActRate]) -> Iterable[Words]:
    sums: dict[str, int] = {}
    for line in lines:
        if line.condition != HandoverAct.Condition.MISSING:
            sums[line.currency] = sums.get(line.currency, 0) + line.value_minor
    for currency, sum_minor in sums.items():
        money = _money(sum_minor, currency)
        yield {
            language: _value_words(language, money[language], currency, sum_minor, rates)
            for language in LANGUAGES
        }


def _value_words(
    language: str, money: str, currency: str, sum_minor: int, rates: Mapping[str, ActRate]
) -> str:
    rate = rates.get(currency)
    with translation.override(language):
        if rate is None:
            return gettext("Together: %(sum)s.") % {"sum": money}
        return gettext(
            "Together: %(sum)s, which is %(uah)s at %(foreign)s = %(hryvnias)s "
            "(%(source)s, %(day)s)."
        ) % {
            "sum": money,
            "uah": format_money(value_in_uah_minor(sum_minor, rate), "UAH", language),
            "foreign": format_money(rate.foreign_minor, currency, language),
            "hryvnias": format_money(rate.uah_minor, "UAH", language),
            "source": rate.source,
            "day": long_date(rate.rate_date, language),
        }


def _note(line: HandoverLine) -> Words:
    name = in_each(things.line_name(line), LANGUAGES)
    return {language: f"{name[language]}: {line.note}" for language in LANGUAGES}


def _lines_side_by_side(text: Mapping[str, str]) -> Iterable[Words]:
    columns = {language: text[language].split("\n") for language in LANGUAGES}
    for number in range(max(len(lines) for lines in columns.values())):
        yield {
            language: lines[number] if number < len(lines) else "—"
            for language, lines in columns.items()
        }


def _hand(signer: ActSigner, *, to_sign: bool) -> HandSignature:
    method = ActSigner.Method(signer.method) if signer.method and not to_sign else None

    def how() -> str:
        if method is None:
            return ""
        sentence = str(words.METHOD[method])
        if method == ActSigner.Method.TYPED:
            return f"{sentence}: {signer.drawn}"
        return sentence

    return HandSignature(
        role=_said(lambda: str(words.SIGNS_AS[Role(signer.role)])),
        office=in_each(signer.office, LANGUAGES),
        name=signer.name,
        how=_said(how),
        drawing=signer.drawn if method == ActSigner.Method.GLASS else "",
        sha256=signer.sha256 if method else "",
    )


def _places(act: HandoverAct) -> Iterable[SignaturePlace]:
    for seat in seats_of(act):
        yield SignaturePlace(
            field_of(act, seat),
            in_each(seat.organisation.name, LANGUAGES),
            capacity_of(seat),
        )


def seats_of(act: HandoverAct) -> list[ActSeat]:
    """Where offices sign the act: the giver's first."""
    found = act.seats.select_related(
        "organisation", "term__office__place", "term__office__partnership", "slot"
    )
    return sorted(found, key=lambda seat: (seat.organisation_id != act.giver_id, seat.pk))


def field_of(act: HandoverAct, seat: ActSeat) -> str:
    return "Giver" if seat.organisation_id == act.giver_id else "Receiver"


def capacity_of(seat: ActSeat) -> Capacity:
    """The seat's term as the room of papers knows it, for the organisation that gives or gets.

    A certificate names its organisation. So an office has one for each that it signs for: what it
    signed for the hospital must not make the city's agreements look signed by the hospital.
    """
    found = signing.capacity_of(seat.term, LANGUAGES[::-1])
    return replace(
        found,
        term=f"{found.term} organisation:{seat.organisation_id}",
        organisation=in_each(seat.organisation.name, LANGUAGES[::-1]),
    )
