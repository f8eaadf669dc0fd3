"""What becomes of a letter when a server answers, and what of it may stand in a header.

Answers are SMTP's (RFC 5321) with the status codes that tell more (RFC 3463).
"""

import re
import unicodedata
from enum import StrEnum

from twinhood.giving.core.text import BIDI

# RFC 5321, 4.5.4.1: go on for four or five days before giving up.
TRIES_MAX = 11
FIRST_WAIT_S = 60
WAIT_MAX_S = 24 * 60 * 60
NAME_MAX = 60
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_LOOKS_LIKE_ADDRESS = re.compile(r"://|/|\bwww\.|@|\w\.\w", re.IGNORECASE)


class Stage(StrEnum):
    """At which of SMTP's commands a server refused."""

    SENDER = "sender"  # greeting, sign-in, MAIL FROM: it is about us, not about this letter
    RECEIVER = "receiver"  # RCPT TO
    CONTENT = "content"  # DATA


class Fate(StrEnum):
    LATER = "later"  # try again, this letter
    NOT_NOW = "not_now"  # the server takes nothing of ours at present
    REFUSED = "refused"  # never this letter; the address may be good
    NO_SUCH_ADDRESS = "no_such_address"  # nothing reaches this address


def fate(stage: Stage, code: int, told: str) -> Fate:
    """What to do after a refusal with reply `code` (400–599) and its text.

    An address counts as dead only if the server speaks of the address (5.1.x) or of the mailbox
    behind it (5.2.1), or refuses the receiver without saying more. A refusal by policy (5.7.x)
    speaks of us.
    """
    if stage == Stage.SENDER:
        return Fate.NOT_NOW
    if not 500 <= code <= 599:
        return Fate.LATER
    status = status_in(told)
    if status is None:
        return Fate.NO_SUCH_ADDRESS if stage == Stage.RECEIVER and code != 554 else Fate.REFUSED
    return Fate.NO_SUCH_ADDRESS if is_dead(status) else Fate.REFUSED


def status_in(told: str) -> str | None:
    """The enhanced status code in a server's words: "5.1.1"; None if there is none."""
    found = _STATUS.search(told)
    return found[0] if found else None


def is_dead(status: str) -> bool:
    """Whether a status ("5.1.1") says that nothing reaches the address, now and later."""
    found = _STATUS.fullmatch(status)
    if found is None or found[1] != "5":
        return False
    subject, detail = int(found[2]), int(found[3])
    # 5.1.7 and 5.1.8 speak of the sender's address.
    return (subject == 1 and detail not in {7, 8}) or (subject, detail) == (2, 1)


def wait_s(tries: int) -> int:
    """Seconds until the next try, after `tries` of them (from 1): 1, 4, 16 minutes … a day."""
    return min(WAIT_MAX_S, int(FIRST_WAIT_S * 4 ** min(max(tries, 1) - 1, 10)))


def header_text(text: str, length_max: int = 200) -> str:
    """`text` as one line for a header: no controls, no turned direction, not too long."""
    shown = (" " if character.isspace() else character for character in text)
    plain = "".join(c for c in shown if c not in BIDI and unicodedata.category(c) not in _UNSHOWN)
    return " ".join(plain.split())[:length_max].rstrip()


_UNSHOWN = {"Cc", "Cs", "Co", "Cn"}


def greeting_name(name: str) -> str:
    """The name by which a letter greets; empty for what would make a stranger's link of it.

    A name is typed by whoever has the form, together with any address: "www.win.example" as a
    name must not become our advertisement.
    """
    plain = header_text(name, NAME_MAX + 1)
    if len(plain) > NAME_MAX or _LOOKS_LIKE_ADDRESS.search(plain):
        return ""
    return plain
