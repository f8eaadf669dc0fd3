"""Where Stripe tells us of what happened: the signature first, then stored, and handled later."""

import json
import logging
import re
import time
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, RawPostDataException
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from twinhood.giving import notices
from twinhood.giving.rails.stripe.client import Mode, mode

logger = logging.getLogger(__name__)

BODY_BYTES_MAX = 256 * 1024
DEPTH_MAX = 64
# How old a signature may be, and how far ahead its sender's clock, in seconds.
TOLERANCE_S = 300
# Objects of which a payment is made up.
PARTS = ("charge", "dispute", "refund")
_NAME = re.compile(r"[A-Za-z0-9_]{1,200}")
_KIND = re.compile(r"[a-z0-9_.]{1,80}")
_SENT_AT = re.compile(r"(?:^|,)t=(\d{1,12})(?:,|$)")


class Refused(ValueError):
    """No notice of Stripe's, or none that we read."""


@csrf_exempt
@require_POST
def hook(request: HttpRequest) -> HttpResponse:
    """Store a notice and answer 200; 400, and nothing stored, for what Stripe did not sign."""
    try:
        body = _body(request)
        _check_signature(body, request.headers.get("Stripe-Signature", ""))
        event = _event(body)
    except Refused as problem:
        logger.warning("giving.notice_refused rail=card why=%s", problem)
        return HttpResponse(status=400)
    notices.store(rail="card", body=body, **event)
    return HttpResponse(status=200)


def _body(request: HttpRequest) -> bytes:
    size = str(request.META.get("CONTENT_LENGTH") or "0")
    if not (size.isdecimal() and len(size) < 20) or int(size) > BODY_BYTES_MAX:
        raise Refused("size")
    try:
        return request.body
    except RequestDataTooBig as problem:
        raise Refused("size") from problem
    except RawPostDataException as problem:  # somebody's form, which was read as one
        raise Refused("form") from problem


def _check_signature(body: bytes, header: str) -> None:
    """Raise Refused unless one of our secrets signed these very bytes, a short while ago."""
    import stripe

    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as problem:
        raise Refused("encoding") from problem
    sent_at = _SENT_AT.search(header)
    if sent_at is None or int(sent_at[1]) > time.time() + TOLERANCE_S:
        raise Refused("time")
    for secret in settings.STRIPE_WEBHOOK_SECRETS:
        try:
            stripe.WebhookSignature.verify_header(text, header, secret, TOLERANCE_S)
        except stripe.SignatureVerificationError:
            continue
        return
    raise Refused("signature")


def _event(body: bytes) -> dict[str, Any]:
    """What is stored beside the bytes. Raises Refused for what is no event."""
    try:
        event = json.loads(body.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError) as problem:
        raise Refused("json") from problem
    if not isinstance(event, dict) or _depth(event) > DEPTH_MAX or b"\\u0000" in body:
        raise Refused("form")
    return facts_of(event)


def facts_of(event: dict[str, Any]) -> dict[str, Any]:
    """What is stored of an event in its columns. Raises Refused."""
    name, kind, is_live = event.get("id"), event.get("type"), event.get("livemode")
    if not (_fits(_NAME, name) and _fits(_KIND, kind) and isinstance(is_live, bool)):
        raise Refused("form")
    return {
        "rail_ref": name,
        "kind": kind,
        "about": _about(event),
        "is_live": is_live,
        "outcome": _outcome(event),
    }


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _depth(value: Any) -> int:
    """How deep lists and mappings lie in each other."""
    depth, level = 0, [value]
    while level:
        depth += 1
        inner = [v.values() if isinstance(v, dict) else v for v in level]
        level = [one for part in inner for one in part if isinstance(one, dict | list)]
    return depth


def _fits(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _about(event: dict[str, Any]) -> str:
    """The name of what is to be read again; empty for what has none.

    For what belongs to a payment that is the payment, so that one question answers them all.
    """
    data = event.get("data")
    thing = data.get("object") if isinstance(data, dict) else None
    if not isinstance(thing, dict):
        return ""
    is_part = thing.get("object") in PARTS or event["type"] == "checkout.session.completed"
    names = (thing.get("payment_intent") if is_part else None, thing.get("id"))
    return next((str(name) for name in names if _fits(_NAME, name)), "")


def _outcome(event: dict[str, Any]) -> str:
    """Why nothing will be made of it, where that can be seen at once."""
    if event.get("account"):
        return "other_account"
    return "" if event["livemode"] == (mode() == Mode.LIVE) else "other_mode"
