"""Statements in camt.053 of our own, in the shapes of several versions, for tests."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from xml.sax.saxutils import escape

from twinhood.giving.core.reference import reference_for
from twinhood.kit.money import major
from twinhood.treasury.core import camt
from twinhood.treasury.core.statement import Statement

IBAN = "DE89370400440532013000"
ANNAS = reference_for(4711)
VERSIONS = (2, 3, 4, 6, 8, 10, 13)


@dataclass(frozen=True, slots=True)
class Payment:
    """A TxDtls. `amount_minor` None: the bank does not repeat it."""

    amount_minor: int | None = None
    name: str = ""
    account: str = ""
    reference: str = ""
    texts: tuple[str, ...] = ()
    end_to_end_id: str = "NOTPROVIDED"


@dataclass(frozen=True, slots=True)
class Movement:
    """An Ntry of `amount_minor`, signed, in the statement's currency."""

    amount_minor: int
    day: str = "2023-09-14"
    bank_ref: str = ""
    payments: tuple[Payment, ...] = ()
    status: str = "BOOK"
    is_reversal: bool = False
    note: str = ""


def one(
    amount_minor: int,
    *,
    bank_ref: str = "",
    day: str = "2023-09-14",
    is_reversal: bool = False,
    **facts: object,
) -> Movement:
    payment = Payment(**facts)  # type: ignore[arg-type]
    return Movement(amount_minor, day, bank_ref, (payment,), is_reversal=is_reversal)


def file_of(
    movements: Sequence[Movement],
    *,
    version: int = 8,
    opening_minor: int = 100_000,
    closing_minor: int | None = None,
    currency: str = "EUR",
    account: str = f"<IBAN>{IBAN}</IBAN>",
    name: str = "2023-09",
    balances: str | None = None,
) -> bytes:
    """A file of one statement; `closing_minor` defaults to what adds up."""
    booked = sum(m.amount_minor for m in movements if m.status == "BOOK")
    closing = opening_minor + booked if closing_minor is None else closing_minor
    stated = balances or (
        _balance("OPBD", opening_minor, "2023-09-01", currency)
        + _balance("CLBD", closing, "2023-09-30", currency)
    )
    lines = "".join(_line(m, version, currency) for m in movements)
    statement = (
        f"<Stmt><Id>{name}</Id><ElctrncSeqNb>9</ElctrncSeqNb>"
        f"<CreDtTm>2023-10-01T06:00:00+02:00</CreDtTm><Acct><Id>{account}</Id></Acct>"
        f"{stated}{lines}</Stmt>"
    )
    return document(statement, version=version)


def document(statements: str, *, version: int = 8) -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version:02d}">'
        "<BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId><CreDtTm>2023-10-01T06:00:00+02:00</CreDtTm>"
        f"</GrpHdr>\n{statements}\n</BkToCstmrStmt></Document>"
    ).encode()


def read(data: bytes) -> list[Statement]:
    return camt.read(BytesIO(data))


def _money(amount_minor: int, currency: str) -> str:
    return f'<Amt Ccy="{currency}">{major(abs(amount_minor), currency)}</Amt>'


def _sign(amount_minor: int) -> str:
    return f"<CdtDbtInd>{'DBIT' if amount_minor < 0 else 'CRDT'}</CdtDbtInd>"


def _balance(kind: str, amount_minor: int, day: str, currency: str) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp>{_money(amount_minor, currency)}"
        f"{_sign(amount_minor)}<Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def _line(movement: Movement, version: int, currency: str) -> str:
    status = f"<Cd>{movement.status}</Cd>" if version >= 7 else movement.status
    reversal = "<RvslInd>true</RvslInd>" if movement.is_reversal else ""
    ref = f"<AcctSvcrRef>{movement.bank_ref}</AcctSvcrRef>" if movement.bank_ref else ""
    is_from_debtor = (movement.amount_minor > 0) != movement.is_reversal
    details = "".join(
        _details(p, movement, version, currency, is_from_debtor) for p in movement.payments
    )
    note = f"<AddtlNtryInf>{escape(movement.note)}</AddtlNtryInf>" if movement.note else ""
    return (
        f"<Ntry>{_money(movement.amount_minor, currency)}{_sign(movement.amount_minor)}{reversal}"
        f"<Sts>{status}</Sts><BookgDt><Dt>{movement.day}</Dt></BookgDt>"
        f"<ValDt><DtTm>{movement.day}T23:30:00-04:00</DtTm></ValDt>{ref}"
        "<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn>"
        f"</BkTxCd>{f'<NtryDtls>{details}</NtryDtls>' if details else ''}{note}</Ntry>\n"
    )


def _details(
    payment: Payment, movement: Movement, version: int, currency: str, is_from_debtor: bool
) -> str:
    amount, amount_minor = "", payment.amount_minor
    # Versions 3 to 6 demand it.
    if amount_minor is None and 3 <= version <= 6:
        amount_minor = movement.amount_minor
    if amount_minor is not None:
        money = _money(amount_minor, currency)
        if version == 2:
            amount = f"<AmtDtls><TxAmt>{money}</TxAmt></AmtDtls>"
        else:
            amount = money + _sign(amount_minor)
    free = "".join(f"<Ustrd>{escape(text)}</Ustrd>" for text in payment.texts)
    strict = (
        f"<Strd><CdtrRefInf><Tp><CdOrPrtry><Cd>SCOR</Cd></CdOrPrtry></Tp>"
        f"<Ref>{payment.reference}</Ref></CdtrRefInf></Strd>"
        if payment.reference
        else ""
    )
    remittance = f"<RmtInf>{free}{strict}</RmtInf>" if free or strict else ""
    return (
        f"<TxDtls><Refs><EndToEndId>{payment.end_to_end_id}</EndToEndId></Refs>{amount}"
        f"{_parties(payment, version, is_from_debtor)}{remittance}</TxDtls>"
    )


def _parties(payment: Payment, version: int, is_from_debtor: bool) -> str:
    who = "Dbtr" if is_from_debtor else "Cdtr"
    name = f"<Nm>{escape(payment.name)}</Nm>"
    party = f"<{who}>{f'<Pty>{name}</Pty>' if version >= 7 else name}</{who}>"
    account = (
        f"<{who}Acct><Id><IBAN>{payment.account}</IBAN></Id></{who}Acct>" if payment.account else ""
    )
    return f"<RltdPties>{party if payment.name else ''}{account}</RltdPties>"


SEPTEMBER = (
    one(
        2500,
        bank_ref="A-1",
        name="Anna Коваленко",
        account="DE02120300000000202051",
        reference=ANNAS,
        end_to_end_id="E-77",
    ),
    one(250_000, bank_ref="A-2", name="St Basil", texts=("AMBULANCE", "ANNA K")),
    Movement(
        7500,
        "2023-09-15",
        "A-3",
        (
            Payment(2500, "Boris", texts=("gift & thanks",)),
            Payment(3000, "Clara"),
            Payment(2000, "王伟"),
        ),
    ),
    Movement(-150, "2023-09-29", "A-4", note="Account fee"),
    one(-2500, bank_ref="A-5", day="2023-09-29", is_reversal=True, name="Anna Коваленко"),
    Movement(9900, "2023-09-30", "A-6", status="PDNG"),
)
