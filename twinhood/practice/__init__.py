"""practice: an emulator of Stripe's API on loopback, for tests and for learning without money.

Owns      the part of Stripe's API that Twinhood uses, over real HTTP: objects, fees, months that
          pass, a checkout page for test cards, signed webhooks and the ways in which they go wrong.
Door      `serve(...)` for tests; `python -m twinhood.practice` for practice mode.
Promises  no money, no card: only Stripe's published test numbers are taken, nothing else is kept;
          it listens and sends on loopback alone, and refuses to start where TWINHOOD_PRODUCTION is
          on; what is not emulated is refused in words, never passed over.
Imports   the standard library. It stands outside the floors: nothing in the house imports it but
          tests, and `twinhood run` starts it as a process.

Inside it the words are Stripe's (charge, payout, customer, event), because its objects are.
"""

from twinhood.practice.server import Practice, RefusedInProduction, serve
from twinhood.practice.store import Habits

__all__ = ["Habits", "Practice", "RefusedInProduction", "serve"]
