"""How the example's acts are signed: by nobody, as specimens. Offices are called "DEMO"."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from twinhood.deliveries import act_paper, handing_over
from twinhood.deliveries.core.act import Role, drawing
from twinhood.deliveries.handing_over import Basis, ByHand, Rate, Signing
from twinhood.deliveries.models import ActSigner, HandoverAct
from twinhood.kit.fields import LocalText
from twinhood.people.models import Organisation, Partnership, Person
from twinhood.twinnings.core.drafting import Side
from twinhood.twinnings.models import Term
from twinhood.twinnings.queries import terms_in_force

# Loops of a pen, one for each who signs.
STROKES = (
    "M40 150L90 40L120 150L180 60L210 140L300 90L430 110L560 70",
    "M50 60L80 150L130 50L170 150L220 80L260 130L340 100L520 120",
    "M60 120L110 50L150 140L200 60L250 140L300 60L350 140L540 90",
    "M40 90L100 90L160 40L130 150L220 150L270 70L320 130L500 60",
    "M70 150L70 50L140 60L80 100L180 140L240 90L290 130L550 130",
)
SIGNERS = (
    (Role.GIVER, "Driver of the charity (example)", "Водій організації (приклад)"),
    (Role.RECEIVER, "Head physician (example)", "Головний лікар (приклад)"),
    (Role.COMMISSION, "Chief engineer (example)", "Головний інженер (приклад)"),
    (Role.COMMISSION, "Bookkeeper (example)", "Бухгалтерія (приклад)"),
    (Role.COMMISSION, "Senior paramedic (example)", "Старший фельдшер (приклад)"),
)
WITH_THEM = LocalText(
    {
        "uk": "свідоцтва про реєстрацію, по два ключі, інструкції (приклад)",
        "en": "registration papers, two keys each, instructions (example)",
    }
)
CONFIRMERS = (("bondar", "hospital"), ("dana", "stamford"))


def signing(*, is_half_signed: bool) -> Sequence[Signing]:
    """All five; of an act that is half signed the last two of the commission are still to sign."""
    return [
        Signing(
            role,
            LocalText({"en": english, "uk": ukrainian}),
            f"DEMO {number}",
            None
            if is_half_signed and number > 3
            else ByHand(ActSigner.Method.GLASS, drawing(STROKES[number - 1])),
        )
        for number, (role, english, ukrainian) in enumerate(SIGNERS, 1)
    ]


def terms(
    partnership: Partnership, organisations: Mapping[str, Organisation], on: date
) -> dict[int, Term]:
    """With whose powers offices sign the paper: the receiving city's, where it has one then."""
    found = terms_in_force(partnership, Side.RECEIVING, on).first()
    return {organisations["hospital"].pk: found} if found else {}


def basis(order: str, on: date, terms: Mapping[int, Term]) -> Basis:
    """Letter and declaration are made up, and so is the rate."""
    return Basis(
        offer=f"EX-{on.year}-{on.month}",
        declaration_code=f"EX-{order.upper()}-{on:%m%d}",
        with_papers=WITH_THEM,
        rates=[Rate("USD", 10_000, 365_686, on, "NBU / НБУ (example)")],
        terms=terms,
    )


def finish(
    act: HandoverAct,
    persons: Mapping[str, Person],
    organisations: Mapping[str, Organisation],
    at: datetime,
) -> None:
    """Two others confirm it, and the office signs the specimen."""
    for person, body in CONFIRMERS:
        handing_over.confirm(act=act, by=persons[person], organisation=organisations[body], at=at)
    for seat in act_paper.seats_of(HandoverAct.objects.get(pk=act.pk)):
        if seat.term.person is not None:
            handing_over.sign_here(seat=seat, person=seat.term.person, answer=None)
