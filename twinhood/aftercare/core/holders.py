"""Whether the registered holder that somebody names is the body that received the thing.

Ambulances have been re-registered to a charity of the hospital's head. What is not plainly the
same body is asked about; a person decides, never this rule.
"""

import re
import unicodedata
from collections.abc import Iterable

_NOISE = re.compile(r"[^\w]+")
_BRACKETS = re.compile(r"\([^)]*\)")


def folded(name: str) -> str:
    """A name without case, quotes, brackets and spacing."""
    text = unicodedata.normalize("NFKC", _BRACKETS.sub(" ", name)).casefold()
    return _NOISE.sub("", text)


def is_known(said: str, names: Iterable[str], registry_code: str = "") -> bool:
    """Whether `said` is one of the names, or bears the body's registry code."""
    digits = re.sub(r"\D", "", registry_code)
    if len(digits) >= 6 and digits in re.sub(r"\D", "", said):
        return True
    mine = folded(said)
    return bool(mine) and mine in {folded(name) for name in names}
