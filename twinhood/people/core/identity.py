"""One person, whatever the account: what two others read in a document makes a key.

The key is made of the name as the document's machine-readable lines write it (ICAO 9303) and the
birth date: it stays the same over passport, identity card and renewals. A change of name makes
another. Nothing of it is kept but the key, which without the server's secret says nothing.
"""

import re
from datetime import date

LETTERS = re.compile(r"[A-Z]+(?:[ <'-]+[A-Z]+)*")


class BadName(ValueError):
    """No name as the machine-readable lines of a document write it: Latin letters only."""


def machine_name(typed: str) -> str:
    """Write a name in one form: O'Neill as ONEILL, Anna-Maria as ANNA MARIA. Raises BadName."""
    text = typed.strip().strip("<").upper().replace("’", "'")
    if not LETTERS.fullmatch(text):
        raise BadName(typed)
    return re.sub(r"[ <-]+", " ", text.replace("'", "")).strip()


def key_text(surname: str, given_names: str, birth_date: date) -> str:
    """What the key is made of; the caller makes it unreadable. Raises BadName."""
    return f"{machine_name(surname)}<<{machine_name(given_names)}<<{birth_date.isoformat()}"
