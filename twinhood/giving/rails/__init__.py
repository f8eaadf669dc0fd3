"""The rails that bring gifts: one folder and one line each. `test_every_rail` runs on them all."""

from twinhood.giving.rails.cash.rail import CASH
from twinhood.giving.rails.cheque.rail import CHEQUE
from twinhood.giving.rails.rail import Asks, Rail
from twinhood.giving.rails.wire.rail import WIRE

RAILS: tuple[Rail, ...] = (
    CASH,
    CHEQUE,
    WIRE,
)
BY_CODE = {rail.code: rail for rail in RAILS}

__all__ = ["BY_CODE", "RAILS", "Asks", "Rail"]
