"""What a donor needs to make a transfer, and the QR code that fills it in."""

import re
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from twinhood.giving.core import iban as core_iban
from twinhood.giving.core import payment_qr, reference
from twinhood.giving.core.payment_qr import BadPayment, Payee
from twinhood.giving.models import Issuer, Pledge
from twinhood.people.models import Partnership


@dataclass(frozen=True, slots=True)
class Instructions:
    """Where to send how much. `amount_minor` is in minor units of `currency`.

    `iban` and `reference` are in groups of four; `lines` are the bank's own words where there is
    no IBAN (a routing number). `purpose` is what belongs into a Ukrainian transfer's purpose.
    `qr` is an SVG, or empty where no standard code fits; `qr_kind` is epc or nbu.
    """

    holder: str
    iban: str
    bic: str
    lines: tuple[str, ...]
    reference: str
    purpose: str
    amount_minor: int
    currency: str
    qr: SafeString
    qr_kind: str
    is_example: bool


def issuer_of(partnership: Partnership) -> Issuer | None:
    """Whose account takes transfers; None if none does."""
    found = Issuer.objects.filter(organisation=partnership.recipient_id).first()
    return found if found and (found.iban or found.bank_lines.strip()) else None


def can_receive(partnership: Partnership) -> bool:
    return issuer_of(partnership) is not None


def is_any_ready() -> bool:
    """Whether anybody here has named an account; which partnership, `can_receive` says."""
    return Issuer.objects.exclude(iban="", bank_lines="").exists()


def instructions(pledge: Pledge) -> Instructions | None:
    """What the donor of `pledge` is told; None if its charity names no account any more."""
    issuer = issuer_of(pledge.partnership)
    if issuer is None:
        return None
    purpose = gettext("Charitable gift, %(reference)s") % {"reference": pledge.reference}
    qr, kind = _qr(issuer, pledge, purpose)
    return Instructions(
        holder=issuer.legal_name,
        iban=core_iban.spaced(issuer.iban),
        bic=issuer.bic,
        lines=tuple(line for line in issuer.bank_lines.splitlines() if line.strip()),
        reference=reference.spaced(pledge.reference),
        purpose=purpose,
        amount_minor=pledge.amount_minor,
        currency=pledge.currency,
        qr=qr,
        qr_kind=kind,
        is_example=issuer.is_example,
    )


def _qr(issuer: Issuer, pledge: Pledge, purpose: str) -> tuple[SafeString, str]:
    """The code and its kind; empty where neither standard can say this payment."""
    payee = Payee(
        name=issuer.legal_name,
        iban=issuer.iban,
        bic=issuer.bic,
        registry_code=_registry_digits(issuer.registry_code),
    )
    title = gettext("QR code that fills in this transfer in a bank’s app")
    is_ukrainian = issuer.iban.startswith("UA")
    try:
        if pledge.currency == "EUR" and issuer.iban and not is_ukrainian:
            code = payment_qr.epc_qr(
                payee=payee,
                amount_minor=pledge.amount_minor,
                currency=pledge.currency,
                reference=pledge.reference,
            )
            # Drawn by us from checked values: no text of others stands in it but the title.
            return mark_safe(payment_qr.svg(code, title=title)), "epc"  # noqa: S308
        if pledge.currency == "UAH" and is_ukrainian:
            code = payment_qr.nbu_qr(
                payee=payee,
                amount_minor=pledge.amount_minor,
                currency=pledge.currency,
                purpose=purpose,
            )
            return mark_safe(payment_qr.hryvnia_svg(code, title=title)), "nbu"  # noqa: S308
    except (BadPayment, core_iban.BadBankNumber):
        return SafeString(), ""
    return SafeString(), ""


def _registry_digits(code: str) -> str:
    """The ЄДРПОУ without what people write around it."""
    return "".join(re.findall(r"[0-9]", code))
