"""Pages of deliveries: orders, hand-overs, and what the world may see of both."""

from twinhood.deliveries.views.acts import act, acts, hand_over, public_date, pull_back
from twinhood.deliveries.views.orders import (
    approval,
    cancellation,
    credit,
    edit,
    exchange,
    order,
    orders,
    payments,
    propose,
    refusal,
    serial,
)
from twinhood.deliveries.views.payees import (
    new_payee,
    payee,
    payee_approval,
    payee_call,
    payee_stop,
    payees,
)
from twinhood.deliveries.views.public import need, unit

__all__ = [
    "act",
    "acts",
    "approval",
    "cancellation",
    "credit",
    "edit",
    "exchange",
    "hand_over",
    "need",
    "new_payee",
    "order",
    "orders",
    "payee",
    "payee_approval",
    "payee_call",
    "payee_stop",
    "payees",
    "payments",
    "propose",
    "public_date",
    "pull_back",
    "refusal",
    "serial",
    "unit",
]
