"""The rails that bring gifts: one folder and one line each. `test_every_rail` runs on them all."""

from twinhood.giving.rails.cash.rail import CASH
from twinhood.giving.rails.cheque.rail import CHEQUE
from twinhood.giving.rails.rail import Asks, Rail
from twinhood.giving.rails.stripe.rail import CARD
from twinhood.giving.rails.transfer.rail import TRANSFER
from twinhood.giving.rails.wire.rail import WIRE

RAILS: tuple[Rail, ...] = (
    CASH,
    CHEQUE,
    WIRE,
    CARD,
    TRANSFER,
)
# Those whose gifts a treasurer enters by hand; the others are told to us.
AT_THE_DESK = tuple(rail for rail in RAILS if rail.online is None)
BY_CODE = {rail.code: rail for rail in RAILS}

__all__ = ["AT_THE_DESK", "BY_CODE", "RAILS", "Asks", "Rail"]
