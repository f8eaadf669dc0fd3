"""The example's agreement on its way: offices, a draft, what is argued over in it. All made up."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from twinhood.kit import clock
from twinhood.people.models import Partnership, Person
from twinhood.twinnings import drafting, signing
from twinhood.twinnings.core.drafting import Change, ChangeKind, Side
from twinhood.twinnings.models import Draft, Step, Term
from twinhood.twinnings.queries import seats_of

# Nobody's name: papers of the example are signed by offices called "DEMO".
HOLDER = {"en": "DEMO", "uk": "DEMO"}
OFFICES: Mapping[Side, tuple[dict[str, str], dict[str, str]]] = {
    Side.GIVING: (
        {"en": "Office of the Mayor, Stamford (example)", "uk": "Офіс мера, Стемфорд (приклад)"},
        {"en": "City charter (example)", "uk": "Статут міста (приклад)"},
    ),
    Side.RECEIVING: (
        {
            "en": "Head of the city military administration, Kramatorsk (example)",
            "uk": "Начальник міської військової адміністрації, Краматорськ (приклад)",
        },
        {"en": "Decree of the President (example)", "uk": "Указ Президента (приклад)"},
    ),
}
SIGNERS = {Side.GIVING: "mayor-stamford", Side.RECEIVING: "head-kramatorsk"}
WHAT = {
    "en": (
        "The giving side offers, and the receiving side accepts, the following help, free of "
        "charge: eight ambulances of type C for the hospitals of Kramatorsk."
    ),
    "uk": (
        "Сторона, що надає, пропонує, а сторона, що отримує, приймає безоплатно таку допомогу: "
        "вісім автомобілів швидкої допомоги типу C для лікарень Краматорська."
    ),
}
MORE_OFTEN = {
    "en": ("after three and after twelve", "after three, six and twelve"),
    "uk": ("через три та дванадцять", "через три, шість і дванадцять"),
}


def record_terms(partnership: Partnership, persons: Mapping[str, Person]) -> dict[Side, Term]:
    """Say which office signs for each city, since before anything was signed."""
    now = clock.now()
    dana, iryna = persons["dana"], persons["iryna"]
    terms: dict[Side, Term] = {}
    for side, (office, basis) in OFFICES.items():
        terms[side] = drafting.record_term(
            partnership=partnership, side=side, office=office, holder=HOLDER, legal_basis=basis,
            act_number="EX-1", since_date=date(2023, 1, 1), person=persons[SIGNERS[side]],
            by=dana if side is Side.GIVING else iryna, at=_noon(now, 30),
        )  # fmt: skip
    return terms


def write_agreements(
    partnership: Partnership, persons: Mapping[str, Person], terms: Mapping[Side, Term]
) -> None:
    """Let both clerks work on a memorandum, with one change accepted and one that waits."""
    now = clock.now()
    dana, iryna = persons["dana"], persons["iryna"]
    draft = drafting.begin(
        partnership=partnership, kind=Draft.Kind.AID, is_companion=False, languages=("en", "uk"),
        by=dana, side=Side.GIVING, at=_noon(now, 21),
    )  # fmt: skip
    content = drafting.last_version(draft).text
    subject = content.papers[0].articles[1]
    named = drafting.propose(
        draft=draft,
        change=Change(
            ChangeKind.REWORD, subject.key, subject.digest, dict(subject.heading), WHAT
        ),
        reason="Names what was asked for in N-1. (example)",
        by=dana, side=Side.GIVING, at=_noon(now, 20),
    )  # fmt: skip
    drafting.accept(proposal=named, by=iryna, side=Side.RECEIVING, at=_noon(now, 19))
    _argue(draft, dana, iryna, now)
    _half_sign(partnership, persons, terms, now)
    drafting.record_step(
        draft=draft, side=Side.GIVING, kind=Step.Kind.RESOLUTION, number="EX-LR-7",
        step_date=_noon(now, 12).date(), body="Board of Representatives (example)",
        votes=(31, 2, 1), source="Minutes of the example’s board", by=dana, at=_noon(now, 11),
    )  # fmt: skip


def _half_sign(
    partnership: Partnership,
    persons: Mapping[str, Person],
    terms: Mapping[Side, Term],
    now: datetime,
) -> None:
    """A second paper, agreed to by both and signed by one: a specimen."""
    at = _noon(now, 9)
    draft = drafting.begin(
        partnership=partnership, kind=Draft.Kind.SOLIDARITY, is_companion=False,
        languages=("en", "uk"), by=persons["iryna"], side=Side.RECEIVING, at=at,
    )  # fmt: skip
    seen = drafting.last_version(draft).sha256
    for side, name in ((Side.RECEIVING, "iryna"), (Side.GIVING, "dana")):
        drafting.mark_agreed(draft=draft, seen_sha256=seen, by=persons[name], side=side, at=at)
    with clock.showing(_noon(now, 8)):
        signing.freeze(draft=draft, terms=terms, by=persons["dana"], at=clock.now())
        signing.announce(draft=draft, at=clock.now())
        for seat in seats_of(draft):
            if seat.side == Side.RECEIVING:
                signing.sign_specimen(seat=seat, person=persons["head-kramatorsk"])


def _argue(draft: Draft, dana: Person, iryna: Person, now: datetime) -> None:
    reports = drafting.last_version(draft).text.papers[0].articles[5]
    monthly = {
        "en": reports.text["en"].replace(
            "after three and after twelve", "after three, six and twelve"
        ),
        "uk": reports.text["uk"].replace(
            "через три та дванадцять", "через три, шість і дванадцять"
        ),
    }
    drafting.propose(
        draft=draft,
        change=Change(
            ChangeKind.REWORD, reports.key, reports.digest, dict(reports.heading), monthly
        ),
        reason="Ambulances wear out fast here; half a year tells more. (example)",
        by=iryna, side=Side.RECEIVING, at=_noon(now, 6),
    )  # fmt: skip
    drafting.comment(
        draft=draft, article=reports.key, by=dana, side=Side.GIVING, at=_noon(now, 5),
        text="I ask our lawyers whether a third report needs a vote. (example)",
    )  # fmt: skip


def _noon(now: datetime, days_ago: int) -> datetime:
    day = now.date() - timedelta(days=days_ago)
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
