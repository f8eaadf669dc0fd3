"""A returned letter, read: delivery status notifications (RFC 3464) and complaints (RFC 5965).

Which letter it was is told twice: by the address that it came back to (bounces+<name>@…), and by
the Message-ID in what it returns of the original.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.errors import MessageError
from email.message import Message
from enum import StrEnum

BYTES_MAX = 1_000_000
PARTS_MAX = 200
_NAME = re.compile(r"[0-9a-z]{26}")
_RETURNED_TO = ("To", "Delivered-To", "X-Original-To", "Envelope-To")


class Verdict(StrEnum):
    FAILED = "failed"
    DELAYED = "delayed"
    COMPLAINED = "complained"


@dataclass(frozen=True, slots=True)
class Bounce:
    """What came back: `names` are those of letters of ours that it may speak of, best first.

    `status` is of RFC 3463 ("5.1.1"), empty where none is told.
    """

    verdict: Verdict
    status: str
    names: tuple[str, ...]


def read_bounce(raw: bytes) -> Bounce | None:
    """Read a message; None for what is no report about a letter. Never raises for its content."""
    try:
        message = message_from_bytes(raw[:BYTES_MAX], policy=policy.default)
        parts = _parts(message)
        found = _verdict(parts)
        if found is None:
            return None
        names = tuple(dict.fromkeys((*_names_returned_to(message), *_names_of_original(parts))))
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        # The parser of the standard library stumbles over some broken headers.
        return None
    return Bounce(*found, names)


def _parts(message: Message) -> list[Message]:
    parts: list[Message] = []
    for part in message.walk():
        parts.append(part)
        if len(parts) == PARTS_MAX:
            break
    return parts


def _verdict(parts: list[Message]) -> tuple[Verdict, str] | None:
    """The worst that is told of any receiver."""
    told = [_action(fields) for part in parts for fields in _status_fields(part)]
    actions = [action for action in told if action is not None]
    for wanted in (Verdict.FAILED, Verdict.DELAYED):
        for verdict, status in actions:
            if verdict == wanted:
                return verdict, status
    if any(part.get_content_type() == "message/feedback-report" for part in parts):
        return Verdict.COMPLAINED, ""
    return None


def _status_fields(part: Message) -> Iterator[Message]:
    """The groups of fields of a delivery status: of the message, then of each receiver."""
    payload = part.get_payload() if part.get_content_type() == "message/delivery-status" else None
    if isinstance(payload, list):
        yield from (group for group in payload if isinstance(group, Message))


def _action(fields: Message) -> tuple[Verdict, str] | None:
    action = str(fields.get("Action", "")).strip().lower()
    if action not in {Verdict.FAILED, Verdict.DELAYED}:
        return None
    status = re.search(r"[245]\.\d{1,3}\.\d{1,3}", str(fields.get("Status", "")))
    return Verdict(action), status[0] if status else ""


def _names_returned_to(message: Message) -> Iterator[str]:
    for header in _RETURNED_TO:
        for value in message.get_all(header, []):
            yield from re.findall(r"\+([0-9a-z]{26})@", str(value))


def _names_of_original(parts: list[Message]) -> Iterator[str]:
    for part in parts[1:]:
        kind = part.get_content_type()
        if kind == "text/rfc822-headers":
            yield from _message_names(str(part.get_payload()))
        elif part.get("Message-ID"):
            yield from _message_names(f"Message-ID: {part['Message-ID']}")


def _message_names(text: str) -> Iterator[str]:
    for found in re.finditer(r"^Message-ID:\s*<([^@>\s]+)@", text, re.IGNORECASE | re.MULTILINE):
        if _NAME.fullmatch(found[1]):
            yield found[1]
