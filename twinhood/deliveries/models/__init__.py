"""The nouns: what is bought, and into whose hands it came."""

from twinhood.deliveries.models.asking import (
    AskedSupplier,
    QuoteRate,
    QuoteReminder,
    QuoteRequest,
    QuoteTerms,
)
from twinhood.deliveries.models.handover import (
    ActRate,
    ActScan,
    ActSeat,
    ActSigner,
    Confirmation,
    GivenThing,
    HandoverAct,
    HandoverLine,
    LinePhoto,
    ScanWitness,
)
from twinhood.deliveries.models.invoices import Invoice
from twinhood.deliveries.models.licences import Licence
from twinhood.deliveries.models.orders import (
    Approval,
    BankFee,
    Order,
    Payment,
    RefusedApproval,
    SerialClash,
    SupplierCredit,
    Unit,
)
from twinhood.deliveries.models.payees import PayeeAccount, PayeeApproval
from twinhood.deliveries.models.rules import OrderRules
from twinhood.deliveries.models.screening import ListedName, Screening, ScreeningList

__all__ = [
    "ActRate",
    "ActScan",
    "ActSeat",
    "ActSigner",
    "Approval",
    "AskedSupplier",
    "BankFee",
    "Confirmation",
    "GivenThing",
    "HandoverAct",
    "HandoverLine",
    "Invoice",
    "Licence",
    "LinePhoto",
    "ListedName",
    "Order",
    "OrderRules",
    "PayeeAccount",
    "PayeeApproval",
    "Payment",
    "QuoteRate",
    "QuoteReminder",
    "QuoteRequest",
    "QuoteTerms",
    "RefusedApproval",
    "ScanWitness",
    "Screening",
    "ScreeningList",
    "SerialClash",
    "SupplierCredit",
    "Unit",
]
