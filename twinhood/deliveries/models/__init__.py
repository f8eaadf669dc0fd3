"""The nouns: what is bought, and into whose hands it came."""

from twinhood.deliveries.models.handover import HandoverAct, HandoverLine
from twinhood.deliveries.models.orders import (
    Approval,
    BankFee,
    Order,
    OrderRules,
    Payment,
    RefusedApproval,
    SerialClash,
    SupplierCredit,
    Unit,
)
from twinhood.deliveries.models.payees import PayeeAccount, PayeeApproval

__all__ = [
    "Approval",
    "BankFee",
    "HandoverAct",
    "HandoverLine",
    "Order",
    "OrderRules",
    "PayeeAccount",
    "PayeeApproval",
    "Payment",
    "RefusedApproval",
    "SerialClash",
    "SupplierCredit",
    "Unit",
]
