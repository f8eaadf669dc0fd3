"""Webhooks leave: signed, at least once, in no promised order, again until they are taken."""

import heapq
import http.client
import json
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from twinhood.practice.core import signature
from twinhood.practice.events import RETRY_AFTER_S
from twinhood.practice.store import Store, Thing

TIMEOUT_S = 10.0
ANSWER_BYTES_MAX = 64 * 1024
FORGED = "whsec_nobody"
SIGNATURES = ("good", "none", "forged", "both", "v0", "old", "altered")


@dataclass(frozen=True, slots=True)
class Letter:
    """What is posted to an address."""

    url: str
    body: bytes
    header: str | None


def body_of(event: Thing) -> bytes:
    """The bytes of an event as Stripe sends them: indented, not ASCII only."""
    return json.dumps(event, indent=2, ensure_ascii=False).encode()


def letter(
    store: Store, endpoint: Thing, body: bytes, how: str = "good", *, age_s: int = 0
) -> Letter:
    """Sign a body as the endpoint expects it, or in one of the ways that go wrong.

    good: by every secret that is valid now · none: no header · forged: by another secret ·
    both: a forged signature before the good one · v0: a good one under a scheme that does not
    count · old: by the secret before the last one, whether it is still valid or not · altered: a
    good one of other bytes with the same meaning. The time is the wall clock's, less `age_s`.
    """
    secret = store.get("_secret", endpoint["id"])
    at = int(time.time()) - age_s
    valid = [secret["current"]]
    if secret["previous"] and secret["until"] > store.now():
        valid.append(secret["previous"])
    secrets = {
        "forged": [FORGED],
        "both": [FORGED, *valid],
        "old": [secret["previous"] or FORGED],
    }.get(how, valid)
    header = signature.header(body, secrets, at, scheme="v0" if how == "v0" else "v1")
    sent = body + b"\n" if how == "altered" else body
    return Letter(endpoint["url"], sent, None if how == "none" else header)


def post(letter: Letter) -> int:
    """Post a letter and return the status of the answer; 0 if there was none."""
    parts = urlsplit(letter.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks) twinhood-practice",
    }
    if letter.header is not None:
        headers["Stripe-Signature"] = letter.header
    try:
        connection.request("POST", path, letter.body, headers)
        answer = connection.getresponse()
        answer.read(ANSWER_BYTES_MAX)
        return answer.status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


class Sender(threading.Thread):
    """Sends what is due. With one sender, what is due goes out in the order of its happening."""

    def __init__(self, store: Store) -> None:
        super().__init__(name="practice-sender", daemon=True)
        self._store = store
        self._is_stopped = False

    def stop(self) -> None:
        with self._store.lock:
            self._is_stopped = True
            self._store.changed.notify_all()

    def run(self) -> None:
        while True:
            with self._store.lock:
                while not self._is_stopped and not is_due(self._store):
                    self._store.changed.wait(1.0)
                if self._is_stopped:
                    return
                delivery = take(self._store)
                due = prepared(self._store, delivery) if delivery is not None else None
                if due is None:
                    continue
                self._store.in_flight += 1
            status = post(due)
            with self._store.changing():
                self._store.in_flight -= 1
                if delivery is not None:
                    record(self._store, delivery, status)


def is_due(store: Store) -> bool:
    is_held = store.meta["is_held"]
    return bool(not is_held and store.deliveries and store.deliveries[0][0] <= store.now())


def take(store: Store) -> Thing | None:
    """Take the first delivery out of the queue; None if it was settled in another way."""
    _, _, name = heapq.heappop(store.deliveries)
    delivery = store.find("_delivery", name)
    is_open = delivery is not None and delivery["status"] == "pending"
    return delivery if is_open else None


def prepared(store: Store, delivery: Thing) -> Letter | None:
    """The letter of a delivery; None if its address is gone."""
    endpoint = store.find("webhook_endpoint", delivery["endpoint"])
    if endpoint is None or endpoint["status"] != "enabled":
        delivery["status"] = "given up"
        store.put("_delivery", delivery)
        return None
    return letter(store, endpoint, body_of(store.get("event", delivery["event"])))


def record(store: Store, delivery: Thing, status: int) -> None:
    """Keep what came back; plan the next try if it was no 2xx."""
    delivery["attempts"] += 1
    delivery["answers"].append(status)
    tries = delivery["attempts"]
    if 200 <= status < 300:
        delivery["status"] = "delivered"
        event = store.get("event", delivery["event"])
        event["pending_webhooks"] = max(0, event["pending_webhooks"] - 1)
        store.put("event", event)
    elif tries > len(RETRY_AFTER_S):
        delivery["status"] = "given up"
    else:
        delivery["next_at"] = store.now() + RETRY_AFTER_S[tries - 1]
        entry = (delivery["next_at"], delivery["number"], delivery["id"])
        heapq.heappush(store.deliveries, entry)
    store.put("_delivery", delivery)
