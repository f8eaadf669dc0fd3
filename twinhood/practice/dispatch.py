"""One request of the API, from its bytes to its answer: key, idempotency, faults, errors."""

import base64
import binascii
import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from twinhood.practice import api, jobs
from twinhood.practice.core.forms import BadForm, decode
from twinhood.practice.errors import StripeError, malformed
from twinhood.practice.events import API_VERSION
from twinhood.practice.params import Params
from twinhood.practice.store import Store, Thing

IDEMPOTENCY_KEY_MAX = 255
KEY_KEPT_S = 24 * 3_600
FAULT_DELAY_MAX_S = 30.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came; header names in lower case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. `is_dropped`: nothing does, the connection is cut."""

    status: int
    body: bytes
    kind: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    is_dropped: bool = False


def answer(store: Store, asked: Asked) -> Answer:
    """Answer one call of Stripe's API."""
    with store.changing():
        request_id = store.new_id("req")
        fault = _fault(store, asked)
    headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION}
    try:
        _check_key(asked.headers.get("authorization", ""))
        time.sleep(0 if fault["when"] == "after" else fault["delay_s"])
        if fault["when"] == "before" and fault["fails"]:
            return _failed(fault, headers)
        status, body, more = _once(store, asked, request_id, fault)
    except StripeError as error:
        status, body, more = error.status, _error_body(error, request_id), {}
    if fault["when"] == "after" and fault["fails"]:
        return _failed(fault, headers)
    return Answer(status, body, headers=headers | more)


def _check_key(authorization: str) -> None:
    scheme, _, key = authorization.partition(" ")
    if scheme.lower() == "basic":
        try:
            key = base64.b64decode(key, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            key = ""
    if not key:
        what = "You did not provide an API key."
    elif key.startswith(("sk_live_", "rk_live_")):
        what = "This is practice mode: it takes no key for real money. Use one with sk_test_."
    elif key.startswith(("sk_test_", "rk_test_")):
        return
    else:
        what = f"Invalid API Key provided: {key[:8]}****"
    raise StripeError(401, "invalid_request_error", what, is_kept=False)


# Idempotency


def _once(
    store: Store, asked: Asked, request_id: str, fault: Thing
) -> tuple[int, bytes, dict[str, str]]:
    """Do what is asked, or repeat the answer that its idempotency key had."""
    given = _parameters(asked)
    key = asked.headers.get("idempotency-key") if asked.method == "POST" else None
    if key is None:
        with store.changing():
            status, body, _ = _do(store, asked, given, request_id, None)
        return status, body, {}
    _check_idempotency_key(key)
    asked_for = f"{asked.path}?{json.dumps(given, sort_keys=True)}"
    fingerprint = hashlib.sha256(asked_for.encode()).hexdigest()
    with store.changing():
        known = _known(store, key, fingerprint)
        if known is not None:
            more = {"Idempotent-Replayed": "true", "Idempotency-Key": key}
            return known["status"], known["body"].encode(), more
        store.running.add(key)
    try:
        time.sleep(fault["delay_s"] if fault["when"] == "during" else 0)
        with store.changing():
            status, body, is_kept = _do(store, asked, given, request_id, key)
            if is_kept:
                _remember(store, key, fingerprint, status, body)
    finally:
        with store.changing():
            store.running.discard(key)
    return status, body, {"Idempotency-Key": key}


def _check_idempotency_key(key: str) -> None:
    if not key or len(key) > IDEMPOTENCY_KEY_MAX or not key.isprintable():
        what = f"Idempotency keys have 1 to {IDEMPOTENCY_KEY_MAX} printable characters."
        raise StripeError(400, "invalid_request_error", what, is_kept=False)


def _known(store: Store, key: str, fingerprint: str) -> Thing | None:
    if key in store.running:
        raise StripeError(
            409,
            "idempotency_error",
            "There is currently another in-progress request using this Idempotent Key "
            "(that probably means you submitted twice, and the other request is still going "
            f"through): {key}. Please try again later.",
            code="idempotency_key_in_use",
            is_kept=False,
        )
    known = store.find("_idempotency", key)
    if known is None or known["at"] < store.now() - KEY_KEPT_S:
        return None
    if known["fingerprint"] != fingerprint:
        raise StripeError(
            400,
            "idempotency_error",
            "Keys for idempotent requests can only be used with the same parameters they were "
            f"first used with. Try using a key other than '{key}' if you meant to execute a "
            "different request.",
            is_kept=False,
        )
    return known


def _remember(store: Store, key: str, fingerprint: str, status: int, body: bytes) -> None:
    known = {"id": key, "at": store.now(), "fingerprint": fingerprint, "status": status}
    store.put("_idempotency", known | {"body": body.decode()})


# The call


def _parameters(asked: Asked) -> dict[str, Any]:
    text = asked.query
    if asked.method == "POST" and asked.body:
        kind = asked.headers.get("content-type", "")
        if not kind.startswith("application/x-www-form-urlencoded"):
            raise malformed("Send parameters as application/x-www-form-urlencoded.")
        try:
            text = asked.body.decode("ascii")
        except UnicodeDecodeError:
            raise malformed("Invalid request body: it is not form-encoded.") from None
    try:
        return decode(text)
    except BadForm as error:
        raise malformed(f"Invalid request: {error}") from None


def _do(
    store: Store, asked: Asked, given: dict[str, Any], request_id: str, key: str | None
) -> tuple[int, bytes, bool]:
    """Return status, body, and whether an idempotency key keeps them."""
    jobs.run_due(store)
    store.request = {"id": request_id, "idempotency_key": key}
    try:
        found = api.find(asked.method, asked.path)
        if found is None:
            raise _unknown(asked)
        call, names = found
        return 200, _json(call(store, Params(given), *names)), True
    except StripeError as error:
        return error.status, _error_body(error, request_id), error.is_kept
    finally:
        store.request = {"id": None, "idempotency_key": None}


def _unknown(asked: Asked) -> StripeError:
    what = (
        f"Unrecognized request URL ({asked.method}: {asked.path}). Practice mode emulates a part "
        "of Stripe's API: docs/reference/practice.md says which."
    )
    return StripeError(404, "invalid_request_error", what, is_kept=False)


def _json(body: Any) -> bytes:
    return json.dumps(body, indent=2, ensure_ascii=False).encode()


def _error_body(error: StripeError, request_id: str) -> bytes:
    return _json({"error": error.body | {"request_log_url": f"practice:{request_id}"}})


# Faults


def _fault(store: Store, asked: Asked) -> Thing:
    """Take the first fault that was ordered for this call; without one, nothing goes wrong."""
    for fault in store.faults:
        is_meant = asked.path.startswith(fault["path"]) and asked.method == fault["method"]
        if is_meant and fault["times"] > 0:
            fault["times"] -= 1
            return fault
    return {"when": "during", "delay_s": 0.0, "fails": False}


def _failed(fault: Thing, headers: dict[str, str]) -> Answer:
    if fault["is_dropped"]:
        return Answer(0, b"", is_dropped=True)
    what = "An unknown error occurred (ordered by the practice control)."
    body = _json({"error": {"type": "api_error", "message": what}})
    return Answer(fault["status"], body, headers=headers)
