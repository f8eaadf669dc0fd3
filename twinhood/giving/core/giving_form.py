"""Reading the giving page's form: entries as they came, and a choice or what is wrong with them.

Plain values in and out, so that a form that is right costs little. Amounts are minor units; typed
ones are read by the page's language alone, never guessed and never rounded.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from twinhood.giving.core.cover import FeeRule
from twinhood.giving.core.pledged import Choice, Told
from twinhood.giving.core.text import BadText, tidy_line
from twinhood.kit.money import BadAmount, minor_from_major, parse_minor

OTHER = "other"
GIFT_AID = "uk_gift_aid"
# Where each line of text may end; a name of every script fits.
LENGTHS = {
    "name": 120, "email": 254, "address": 300, "honour": 120, "employer": 120,
}  # fmt: skip
# One @ between things without spaces or marks of a header (RFC 5321 allows more; mail does not).
_EMAIL = re.compile(
    r'[^@\s<>,;:"()\[\]\\]{1,64}@[^@\s<>,;:"()\[\]\\.]+(?:\.[^@\s<>,;:"()\[\]\\.]+)+'
)


@dataclass(frozen=True, slots=True)
class Purpose:
    """Something that one can give for. `code` stands in the form, `title` is what donors read."""

    code: str
    fund_id: int
    currency: str
    title: str
    need_id: int | None = None


@dataclass(frozen=True, slots=True)
class NamedTeam:
    """A team that one can give with. `code` stands in the form."""

    code: str
    team_id: int
    title: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What is on offer. `rails` are codes of those that are ready, `monthly_rails` of those which
    take a gift each month; `fees` says by rail and currency what can be covered.
    """

    purposes: tuple[Purpose, ...]
    rails: tuple[str, ...]
    monthly_rails: frozenset[str] = frozenset()
    rail_currencies: Mapping[str, frozenset[str]] = field(default_factory=dict)
    rules: tuple[str, ...] = ("us",)
    fees: Mapping[tuple[str, str], FeeRule] = field(default_factory=dict)
    major_min: int = 1
    major_max: int = 10_000_000
    language: str = "en"
    teams: tuple[NamedTeam, ...] = ()

    def team(self, code: str) -> NamedTeam | None:
        return next((team for team in self.teams if team.code == code), None)

    def purpose(self, code: str) -> Purpose | None:
        return next((purpose for purpose in self.purposes if purpose.code == code), None)

    def takes(self, rail: str, currency: str) -> bool:
        """Whether a rail takes gifts in a currency; an empty set means all."""
        currencies = self.rail_currencies.get(rail)
        return not currencies or currency in currencies


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one field, as a code for its sentence."""

    field: str
    code: str


class Wrong(ValueError):
    """Entries of which no choice can be made."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(", ".join(f"{p.field}: {p.code}" for p in problems))
        self.problems = problems


def form_key_of(entries: Mapping[str, str]) -> UUID | None:
    """The key that the empty form was given; None for what is none."""
    try:
        return UUID(entries.get("form_key", ""))
    except ValueError:
        return None


def read(entries: Mapping[str, str], terms: Terms) -> Choice:
    """The choice of a form. Raises Wrong, with every problem at once."""
    problems: list[Problem] = []
    purpose = terms.purpose(entries.get("what", ""))
    if purpose is None:
        raise Wrong((Problem("what", "gone"),))
    rail = entries.get("rail", "")
    if rail not in terms.rails:
        problems.append(Problem("rail", "gone"))
    elif not terms.takes(rail, purpose.currency):
        problems.append(Problem("rail", "currency"))
    is_monthly = entries.get("rhythm") == "monthly"
    if is_monthly and rail in terms.rails and rail not in terms.monthly_rails:
        problems.append(Problem("rhythm", "rail"))
    team = terms.team(entries.get("team", ""))
    if entries.get("team") and team is None:
        problems.append(Problem("team", "gone"))
    gift_minor = _amount(entries, purpose.currency, terms, problems)
    told = Told(**{name: _line(entries, name, problems) for name in LENGTHS})
    problems += _wrong_of_person(entries, told, is_monthly, purpose.currency, terms)
    if problems:
        raise Wrong(tuple(problems))
    fee = terms.fees.get((rail, purpose.currency)) if _is_on(entries, "cover") else None
    cover_minor = fee.cover_minor(gift_minor) if fee else 0
    return Choice(
        fund_id=purpose.fund_id,
        need_id=purpose.need_id,
        rail=rail,
        amount_minor=gift_minor + cover_minor,
        currency=purpose.currency,
        purpose=purpose.title,
        cover_minor=cover_minor,
        is_monthly=is_monthly,
        shows_name=_is_on(entries, "shows_name"),
        tells_organiser=_is_on(entries, "tells_organiser"),
        told=told,
        rule=_rule(entries, terms),
        has_gift_aid=_wants_gift_aid(entries, terms),
        language=terms.language,
        team_id=team.team_id if team else None,
    )


def is_amount_shown(entries: Mapping[str, str], choice: Choice) -> bool:
    """Whether the donor has seen the very sum that they pay: on a chip without anything added, or
    on the button, which says so in `seen`. What they have not seen is shown before they pay.
    """
    if entries.get("amount") == str(choice.amount_minor):
        return True
    return entries.get("seen", "") == str(choice.amount_minor)


def _is_on(entries: Mapping[str, str], name: str) -> bool:
    return entries.get(name, "") in {"on", "1", "true"}


def _amount(
    entries: Mapping[str, str], currency: str, terms: Terms, problems: list[Problem]
) -> int:
    """The gift before anything is added; 0 with a problem."""
    chosen, typed = entries.get("amount", ""), entries.get("other", "")
    is_typed = chosen == OTHER or not chosen
    try:
        if is_typed:
            amount = parse_minor(typed, currency, terms.language)
        elif chosen.isascii() and chosen.isdigit() and len(chosen) <= 18:
            amount = int(chosen)
        else:
            raise BadAmount("form", chosen)
        if amount < minor_from_major(terms.major_min, currency):
            raise BadAmount("small", typed)
        if amount > minor_from_major(terms.major_max, currency):
            raise BadAmount("large", typed)
    except BadAmount as problem:
        problems.append(Problem(OTHER if is_typed else "amount", problem.code))
        return 0
    return amount


def _line(entries: Mapping[str, str], name: str, problems: list[Problem]) -> str:
    typed = entries.get(name, "")
    if not typed:
        return ""
    try:
        return tidy_line(typed, LENGTHS[name])
    except BadText as problem:
        problems.append(Problem(name, problem.code))
        return ""


def _wrong_of_person(
    entries: Mapping[str, str], told: Told, is_monthly: bool, currency: str, terms: Terms
) -> Iterator[Problem]:
    if told.email and not _EMAIL.fullmatch(told.email):
        yield Problem("email", "email")
    if is_monthly and not entries.get("email", "").strip():
        yield Problem("email", "monthly")
    is_named = bool(entries.get("name", "").strip())
    if _is_on(entries, "shows_name") and not is_named:
        yield Problem("name", "shown")
    rule = entries.get("rule", "")
    if rule and rule not in terms.rules:
        yield Problem("rule", "gone")
    if _wants_gift_aid(entries, terms):
        if not is_named:
            yield Problem("name", "gift_aid")
        if not entries.get("address", "").strip():
            yield Problem("address", "gift_aid")
        if currency != "GBP":
            yield Problem("gift_aid", "currency")
    elif _rule(entries, terms) != "us" and told.email and not is_named:
        yield Problem("name", "receipt")


def _rule(entries: Mapping[str, str], terms: Terms) -> str:
    return entries.get("rule") or terms.rules[0]


def _wants_gift_aid(entries: Mapping[str, str], terms: Terms) -> bool:
    return _rule(entries, terms) == GIFT_AID and _is_on(entries, "gift_aid")
