"""The world of needs, with money on the line and orders on their way."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import count
from typing import Any

from twinhood.deliveries import actions, handing_over, invoices, payees, rules, screening
from twinhood.deliveries.core.act import Role, drawing
from twinhood.deliveries.handing_over import ByHand, Handed, Signing
from twinhood.deliveries.models import (
    ActSigner,
    HandoverAct,
    Invoice,
    Order,
    OrderRules,
    PayeeAccount,
    Unit,
)
from twinhood.deliveries.queries import unpaid_minor
from twinhood.deliveries.terms import Terms
from twinhood.ledger.actions import Income, post_income
from twinhood.ledger.core.entry import gift_settled
from twinhood.needs.models import Need, Quote
from twinhood.needs.tests.world import AT, DAY, words
from twinhood.needs.tests.world import World as NeedsWorld
from twinhood.people.models import Organisation, Person

_gifts = count(1)
# A VIN of a made-up maker; the last six digits count.
VIN = "WDB9066331S{:06d}"
# An account by which the standard shows its form (ISO 13616).
IBAN = "GB33BUKB20201555555555"
LIST = b"id,name\n1,Nobody of That Name (invented)\n2,Specimen Arms Factory (invented)\n"
LONG_AGO = AT - timedelta(days=30)


@dataclass
class World(NeedsWorld):
    """One verified need of eight ambulances with quotes of three; the lowest is $82,500."""

    need: Need = field(init=False)
    payee: PayeeAccount = field(init=False)
    quotes: list[Quote] = field(init=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.need = self.in_campaign()
        self.payee = self.approved_payee(self.dealer)
        self.screened()
        self.quotes = self.quotes_of(self.need, (8_250_000, 8_400_000, 9_000_000))

    def give(self, amount_minor: int, fund_code: str = "main", currency: str = "USD") -> None:
        entry = gift_settled(
            key=f"gift:{next(_gifts)}",
            fund_code=fund_code,
            currency=currency,
            arrives_at="assets:bank:main",
            rail="bank",
            amount_minor=amount_minor,
        )
        # Long ago, so that no reserve is kept of it unless a test wants one.
        given_at = AT.replace(year=AT.year - 1)
        income = Income(
            entry=entry, fund_code=fund_code, net_minor=amount_minor, happened_at=given_at
        )
        post_income(partnership=self.partnership, incomes=[income])

    def screened(self, at: datetime = AT) -> None:
        """A list of invented names is here, and nobody of this world is on it."""
        screening.import_list(
            LIST, code="specimen", kind="plain", version=LONG_AGO.date(), at=LONG_AGO
        )
        for body in (self.dealer, self.hospital):
            screening.screen(organisation=body, partnership=self.partnership, by=self.iryna, at=at)

    def proposed_payee(
        self,
        supplier: Organisation,
        account: str = IBAN,
        at: datetime = LONG_AGO,
        holder: str = "",
    ) -> PayeeAccount:
        return payees.propose_payee(
            partnership=self.partnership,
            supplier=supplier,
            account=account,
            holder=holder or str(supplier.name["en"]),
            came_by="Their offer, page 2.",
            by=self.iryna,
            organisation=self.city_k,
            at=at,
        )

    def approved_payee(
        self,
        supplier: Organisation,
        account: str = IBAN,
        at: datetime = LONG_AGO,
        holder: str = "",
    ) -> PayeeAccount:
        """An account whose wait began at `at`."""
        payee = self.proposed_payee(supplier, account, at, holder)
        payees.record_call(
            payee=payee, number="+1 203 555 0100", note="Read out.", by=self.tom, at=at
        )
        for person in (self.tom, self.lesia):
            payee = payees.approve_payee(payee=payee, by=person, at=at)
        return payee

    def proposed(
        self, quantity: int = 2, quote: Quote | None = None, reason: str = "", **terms: Any
    ) -> Order:
        return actions.propose_order(
            quote=quote or self.quotes[0],
            quantity=quantity,
            by=self.iryna,
            organisation=self.city_k,
            at=AT,
            terms=Terms(reason=reason, **terms),
        )

    def placed(self, quantity: int = 2) -> Order:
        order = self.proposed(quantity)
        self.give(quantity * 8_250_000)
        self.approved_by(order, self.tom, self.lesia)
        order.refresh_from_db()
        return order

    def approved_by(self, order: Order, *people: object) -> None:
        for person in people:
            actions.approve(
                order=order,
                by=person,  # type: ignore[arg-type]
                seen_hash=order.content_hash,
                at=AT,
            )

    def with_serials(self, order: Order, first: int = 1) -> list[Unit]:
        units = list(order.units.order_by("number"))
        return [
            actions.set_serial(unit=unit, serial=VIN.format(n))
            for n, unit in enumerate(units, first)
        ]

    def rules(self, **limits: Any) -> OrderRules:
        """Rules that Tom proposed, and Lesia agreed to."""
        usual: dict[str, Any] = {
            "quotes_limit_minor": 0,
            "quotes_limit_currency": "USD",
            "quotes_needed": 3,
            "together_days": 30,
            "ceiling_percent": 5,
        }
        proposed = rules.propose(
            partnership=self.partnership,
            limits=rules.Limits(**usual | limits),
            reason="As the board decided.",
            by=self.tom,
            organisation=self.charity,
            at=AT,
        )
        return rules.decide(
            rules=proposed, is_agreed=True, by=self.lesia, organisation=self.city_s, at=AT
        )

    def invoiced(self, order: Order, number: str, amount_minor: int = 0) -> Invoice | None:
        """The supplier's invoice, for all of the order unless said; none where nothing was sold."""
        order.refresh_from_db()
        known = order.invoices.filter(number=number).first()
        if known or order.state != Order.State.PLACED:
            return known
        return invoices.record(
            order=order,
            number=number,
            amount_minor=amount_minor or order.whole_minor,
            invoice_date=DAY,
            difference="As agreed.",
            by=self.tom,
            at=AT,
        )

    def paid(self, order: Order) -> None:
        """Let Tom pay what the order still commits, by an invoice of its own."""
        missing_minor = unpaid_minor(order)
        if missing_minor > 0:
            number = f"EX-{order.number}-{order.invoices.count() + 1}"
            self.invoiced(order, number, missing_minor)
            actions.pay(
                order=order,
                amount_minor=missing_minor,
                invoice=number,
                bank_code="assets:bank:main",
                by=self.tom,
                at=AT,
            )

    def begun_act(
        self,
        *units: Unit | Handed,
        on: date = DAY,
        signed: int = 5,
        by: Person | None = None,
        **more: Any,
    ) -> HandoverAct:
        """An act whose first `signed` of five signers have signed, not confirmed by anybody."""
        things = [unit if isinstance(unit, Handed) else Handed(unit) for unit in units]
        bought = [one.thing for one in things if isinstance(one.thing, Unit)]
        for order in Order.objects.filter(units__in=bought).distinct():
            self.paid(order)
        return handing_over.hand_over(
            partnership=self.partnership,
            things=things,
            giver=self.charity,
            receiver=self.hospital,
            place=self.kramatorsk,
            signing=[one if n < signed else replace(one, by_hand=None)
                     for n, one in enumerate(SIGNING)],
            handed_over_date=on,
            by=by or self.bondar,
            at=AT,
            **more,
        )  # fmt: skip

    def confirmed(self, act: HandoverAct) -> HandoverAct:
        """The act with the word of others, of as many organisations as it wants."""
        for person, body in ((self.iryna, self.city_k), (self.oleh, self.checkers)):
            if act.is_complete:
                break
            act = handing_over.confirm(act=act, by=person, organisation=body, at=AT)
        return act

    def handed_over(self, *units: Unit | Handed, on: date = DAY) -> HandoverAct:
        act = self.begun_act(*units, on=on)
        return act if act.is_complete else self.confirmed(act)


def drawn(number: int) -> ByHand:
    """A signature on the glass, another one for each number."""
    strokes = f"M{10 + number} 100L200 {40 + number}L300 160L500 60"
    return ByHand(ActSigner.Method.GLASS, drawing(strokes))


# Nobody's names: offices of the example.
SIGNING = tuple(
    Signing(role, words(f"{office} (example)", f"{uk} (приклад)"), f"DEMO {number}", drawn(number))
    for number, (role, office, uk) in enumerate(
        [
            (Role.GIVER, "Driver", "Водій"),
            (Role.RECEIVER, "Head physician", "Головний лікар"),
            (Role.COMMISSION, "Chief engineer", "Головний інженер"),
            (Role.COMMISSION, "Bookkeeper", "Бухгалтерка"),
            (Role.COMMISSION, "Senior paramedic", "Старший фельдшер"),
        ],
        1,
    )
)
