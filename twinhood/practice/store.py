"""Everything that practice knows: objects by kind, its clock, its ids; kept in a file if asked.

Every object is a mapping in Stripe's shape. Kinds that begin with `_` are practice's own. All is
read and changed under `lock`, by one request at a time.
"""

import hashlib
import heapq
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from twinhood.practice.errors import missing

type Thing = dict[str, Any]

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
LENGTHS = {"cs_test": 58, "cus": 14, "prod": 14, "si": 14, "whsec": 32}


@dataclass(frozen=True, slots=True)
class Habits:
    """How this shop behaves. `clock` is the wall clock, in seconds (UTC)."""

    pays_out_daily: bool = False
    clock: Callable[[], float] = time.time


class Store:
    """The memory of one practice account."""

    def __init__(self, seed: str, habits: Habits, path: Path | None = None) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.habits = habits
        self.address = ""  # http://127.0.0.1:<port>, once it listens
        self.request: Thing = {"id": None, "idempotency_key": None}
        self.running: set[str] = set()  # idempotency keys of calls that have not ended
        self.faults: list[Thing] = []
        self.is_closed = threading.Event()
        self.in_flight = 0  # deliveries that wait for their answer
        self._kinds: dict[str, dict[str, Thing]] = {}
        self._kind_of: dict[str, str] = {}
        self._dirty: dict[tuple[str, str], None] = {}
        self.jobs: list[tuple[int, int, str]] = []
        self.deliveries: list[tuple[float, int, str]] = []
        self._file = _opened(path) if path is not None else None
        if self._file is not None:
            self._load(self._file)
        self.meta = self._kinds.setdefault("_meta", {}).setdefault(
            "meta", {"id": "meta", "seed": seed, "offset_s": 0, "counts": {}, "is_held": False}
        )
        self._dirty["_meta", "meta"] = None

    # Time and names

    def now(self) -> int:
        """Seconds (UTC) of practice's clock, which the control door can move on."""
        return int(self.habits.clock()) + int(self.meta["offset_s"])

    def new_id(self, prefix: str) -> str:
        """The next id of a kind; the same seed gives the same ids in the same order."""
        counts = self.meta["counts"]
        counts[prefix] = number = counts.get(prefix, 0) + 1
        self._dirty["_meta", "meta"] = None
        seed = f"{self.meta['seed']}/{prefix}/{number}".encode()
        value = int.from_bytes(hashlib.sha512(seed).digest() + hashlib.sha512(seed[::-1]).digest())
        text = ""
        for _ in range(LENGTHS.get(prefix, 24)):
            value, place = divmod(value, len(ALPHABET))
            text += ALPHABET[place]
        return f"{prefix}_{text}"

    def count(self, prefix: str) -> int:
        """A number that only grows, for order among what happens in one second."""
        counts = self.meta["counts"]
        counts[prefix] = counts.get(prefix, 0) + 1
        self._dirty["_meta", "meta"] = None
        return int(counts[prefix])

    # Things

    def put(self, kind: str, thing: Thing) -> Thing:
        """Keep a new thing, or mark one as changed."""
        name = thing["id"]
        self._kinds.setdefault(kind, {})[name] = thing
        self._kind_of[name] = kind
        self._dirty[kind, name] = None
        return thing

    def get(self, kind: str, name: str | None, param: str = "id") -> Thing:
        """Return one thing; raise Stripe's 404 if it is not there."""
        found = self.find(kind, name)
        if found is None:
            raise missing(kind.lstrip("_").replace(".", " "), str(name), param)
        return found

    def find(self, kind: str, name: str | None) -> Thing | None:
        return self._kinds.get(kind, {}).get(name or "")

    def any(self, name: str) -> Thing | None:
        """Return the thing of Stripe's with this id, whatever its kind."""
        kind = self._kind_of.get(name, "_")
        return None if kind.startswith("_") else self.find(kind, name)

    def all(self, kind: str) -> list[Thing]:
        """Every thing of a kind, oldest first."""
        return list(self._kinds.get(kind, {}).values())

    def newest(self, kind: str) -> Iterator[Thing]:
        return reversed(self._kinds.get(kind, {}).values())

    def drop(self, kind: str, name: str) -> None:
        if self._kinds.get(kind, {}).pop(name, None) is not None:
            self._dirty[kind, name] = None

    # Work for later

    def plan(self, what: str, due_at: int, subject: str) -> None:
        """Have `what` done to `subject` when the clock reaches `due_at`."""
        number = self.count("_job")
        name = f"job_{number}"
        self.put("_job", {"id": name, "what": what, "due_at": due_at, "subject": subject})
        heapq.heappush(self.jobs, (due_at, number, name))

    # The file

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the lock; what changed inside is in the file when the block ends."""
        with self.lock:
            try:
                yield
            finally:
                self._save()
                self.changed.notify_all()

    def _save(self) -> None:
        if self._file is None:
            self._dirty.clear()
            return
        with self._file:
            for kind, name in self._dirty:
                thing = self.find(kind, name)
                if thing is None:
                    self._file.execute("DELETE FROM thing WHERE kind=? AND id=?", (kind, name))
                else:
                    self._file.execute(
                        "INSERT INTO thing (kind, id, body) VALUES (?, ?, ?)"
                        " ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body",
                        (kind, name, json.dumps(thing)),
                    )
        self._dirty.clear()

    def _load(self, file: sqlite3.Connection) -> None:
        for kind, name, body in file.execute("SELECT kind, id, body FROM thing ORDER BY rowid"):
            self._kinds.setdefault(kind, {})[name] = json.loads(body)
            self._kind_of[name] = kind
        for job in self.all("_job"):
            number = int(job["id"].removeprefix("job_"))
            heapq.heappush(self.jobs, (job["due_at"], number, job["id"]))
        for delivery in self.all("_delivery"):
            if delivery["status"] == "pending":
                entry = (delivery["next_at"], delivery["number"], delivery["id"])
                heapq.heappush(self.deliveries, entry)

    def close(self) -> None:
        self.is_closed.set()
        with self.lock:
            self._save()
            if self._file is not None:
                self._file.close()
                self._file = None


def _opened(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    file = sqlite3.connect(path, check_same_thread=False)
    file.execute("PRAGMA journal_mode = WAL")
    file.execute("PRAGMA synchronous = NORMAL")
    file.execute(
        "CREATE TABLE IF NOT EXISTS thing"
        " (kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (kind, id))"
    )
    return file
