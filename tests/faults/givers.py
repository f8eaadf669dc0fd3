"""Who gives while parts are killed: treasurers at the form, and the books' other verbs.

Each knocks with the same key until somebody says yes. A yes is remembered: what was acknowledged
must be there in the end, once.
"""

import http.client
import random
import re
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

TIMEOUT_S = 10.0
PAUSE_S = 0.05
CSRF = "faults".ljust(32, "x")


@dataclass
class Acknowledged:
    """What was promised: key → amount in minor units. Shared by all who give."""

    gifts: dict[str, int] = field(default_factory=dict)
    books: dict[str, str] = field(default_factory=dict)
    asked: int = 0
    problems: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def gift(self, key: str, amount_minor: int) -> None:
        with self.lock:
            self.gifts[key] = amount_minor

    def count(self) -> int:
        with self.lock:
            return len(self.gifts) + len(self.books)


@dataclass
class Treasurer(threading.Thread):
    """Enters cheques at the form of a running site, one after the other."""

    port: int
    path: str
    session: str
    fund_id: int
    number: int
    said: Acknowledged
    stopping: threading.Event

    def __post_init__(self) -> None:
        super().__init__(daemon=True)
        self.random = random.Random(self.number)  # noqa: S311 (amounts, not secrets)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        entered = 0
        while not self.stopping.is_set():
            entered += 1
            reference = f"F{self.number}-{entered}"
            amount_minor = self.random.randint(100, 50_000)
            if self._give_until_taken(reference, amount_minor):
                self.said.gift(reference, amount_minor)

    def _give_until_taken(self, reference: str, amount_minor: int) -> bool:
        while True:
            with self.said.lock:
                self.said.asked += 1
            status, text = self._give(reference, amount_minor)
            if status == http.HTTPStatus.FOUND:
                return True
            if 400 <= status < 500:
                words = re.sub(r"<[^>]+>|\s+", " ", text)[:300]
                self.said.problems.append(f"{reference}: answer {status}: {words}")
                return False
            if self.stopping.is_set():
                return False
            time.sleep(PAUSE_S)

    def _give(self, reference: str, amount_minor: int) -> tuple[int, str]:
        """Send the form once: the status, or 0 if no whole answer came."""
        form = {
            "csrfmiddlewaretoken": CSRF,
            "token": reference,
            "fund": str(self.fund_id),
            "amount": f"{amount_minor // 100}.{amount_minor % 100:02}",
            "reference": reference,
            # Yesterday: by the clock of the giving city it may not be today yet.
            "received_date": (datetime.now(UTC) - timedelta(days=1)).date().isoformat(),
            "donor_language": "en",
        }
        headers = {
            "Host": f"localhost:{self.port}",
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": f"session={self.session}; csrf={CSRF}",
        }
        door = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        try:
            door.request("POST", self.path, urlencode(form), headers)
            answer = door.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        except (OSError, http.client.HTTPException):
            return 0, ""
        finally:
            door.close()
