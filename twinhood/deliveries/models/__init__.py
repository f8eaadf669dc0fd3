"""The nouns: what is bought, and into whose hands it came."""

from twinhood.deliveries.models.handover import HandoverAct, HandoverLine
from twinhood.deliveries.models.orders import (
    Approval,
    Order,
    Payment,
    SerialClash,
    SupplierCredit,
    Unit,
)

__all__ = [
    "Approval",
    "HandoverAct",
    "HandoverLine",
    "Order",
    "Payment",
    "SerialClash",
    "SupplierCredit",
    "Unit",
]
