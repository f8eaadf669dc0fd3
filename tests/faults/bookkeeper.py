"""Orders, cancels, refunds and moves, posted beside the gifts by the ledger's own actions.

Each has a key and is tried until it is in the books or rightly refused; after an error whose
outcome nobody knows, the same key says whether it is there.
"""

import random
import threading
import time

from django.db import DatabaseError, connection

from tests.faults.givers import PAUSE_S, Acknowledged
from twinhood.kit import clock
from twinhood.ledger import actions, freeing
from twinhood.ledger.errors import KeyUsed, LedgerError
from twinhood.ledger.models import Entry, Segment, Use
from twinhood.people.models import Partnership


class Bookkeeper(threading.Thread):
    """Does something to the books about twice a second."""

    def __init__(
        self,
        partnership: Partnership,
        fund_code: str,
        said: Acknowledged,
        stopping: threading.Event,
    ) -> None:
        super().__init__(daemon=True)
        self.partnership = partnership
        self.fund_code = fund_code
        self.said = said
        self.stopping = stopping
        self.random = random.Random(7)  # noqa: S311 (choices, not secrets)

    def run(self) -> None:
        number = 0
        try:
            while not self.stopping.is_set():
                number += 1
                self._until_known(number)
                time.sleep(self.random.random())
        finally:
            connection.close()

    def _until_known(self, number: int) -> None:
        what = self.random.choice(["order", "order", "cancel", "refund"])
        seed = self.random.random()
        while True:
            try:
                key = self._post(what, number, random.Random(seed))  # noqa: S311
            except KeyUsed as known:
                key = str(known.args[0]) if known.args else ""
            except LedgerError:
                return
            except DatabaseError:
                connection.close()
                if self.stopping.is_set():
                    return
                time.sleep(PAUSE_S)
                continue
            if key:
                with self.said.lock:
                    self.said.books[key] = what
            return

    def _post(self, what: str, number: int, chance: random.Random) -> str:
        """Post one entry; its key, or "" if there was nothing to do."""
        return {"order": self._order, "cancel": self._cancel, "refund": self._refund}[what](
            f"{what}:faults-{number}", chance
        )

    def _order(self, key: str, chance: random.Random) -> str:
        units = [(f"{key}-{n}", chance.randint(1_000, 90_000)) for n in range(chance.randint(1, 4))]
        actions.place_order(
            partnership=self.partnership,
            key=key,
            fund_codes=[self.fund_code],
            units=units,
            at=clock.now(),
        )
        return key

    def _cancel(self, key: str, chance: random.Random) -> str:
        orders = Use.objects.filter(partnership=self.partnership, key__startswith="order:faults")
        found = list(orders.order_by("id").values_list("key", flat=True)[:200])
        if not found:
            return ""
        freeing.cancel(
            partnership=self.partnership,
            key=key,
            order_key=chance.choice(found),
            unit=None,
            at=clock.now(),
        )
        return key

    def _refund(self, key: str, chance: random.Random) -> str:
        gifts = Segment.objects.filter(fund__code=self.fund_code, key__startswith="gift:")
        found = list(gifts.order_by("-start_minor").values_list("key", flat=True)[:50])
        if not found:
            return ""
        actions.refund(
            partnership=self.partnership,
            key=key,
            source_key=chance.choice(found),
            amount_minor=chance.randint(1, 400),
            paid_from="assets:bank:main",
            at=clock.now(),
        )
        return key

    def missing(self) -> list[str]:
        """Acknowledged keys that the books do not have."""
        known = set(
            Entry.objects.filter(partnership=self.partnership).values_list("key", flat=True)
        )
        return sorted(set(self.said.books) - known)
