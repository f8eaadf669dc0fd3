"""What makes a line of a statement the same line, in a file that repeats or overlaps another.

A line is known by its account, day, amount and the bank's number for it; where the bank gives
none, by its words. Equal lines of one day are counted: the second one is not the first again.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from twinhood.treasury.core.statement import StatementLine

# Parts of a key never hold it: texts are tidied of controls before.
_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class KnownLine:
    """A line that was taken in before. `source` is the way it came: "camt", or a mapping's name."""

    key: str
    amount_minor: int
    booked_date: date
    bank_ref: str
    source: str


type Keyed = tuple[str, StatementLine]


@dataclass(frozen=True, slots=True)
class Sorting:
    """A file's lines with their keys, each in one of three, in the file's order.

    A doubtful line has a new key, but a line of its day and amount, known from elsewhere, does not
    stand in this file: perhaps the same movement as another format writes it. A person decides.
    """

    new: tuple[Keyed, ...]
    known: tuple[Keyed, ...]
    doubtful: tuple[Keyed, ...]


def keys_of(account: str, currency: str, lines: Iterable[StatementLine]) -> list[str]:
    """A key for each of the lines of one account in one file, in order; all different.

    The same lines give the same keys in every file, whatever stands around them, as long as the
    equal lines of a day stand in it from the first on. Ask for all statements of a file at once.
    """
    seen: Counter[str] = Counter()
    keys = []
    for line in lines:
        likeness = _likeness(account, currency, line)
        keys.append(sha256(f"{likeness}{_SEPARATOR}{seen[likeness]}".encode()).hexdigest())
        seen[likeness] += 1
    return keys


def _likeness(account: str, currency: str, line: StatementLine) -> str:
    """What equal lines share. Words count only where the bank gives no number of its own."""
    words = "" if line.bank_ref else _words_of(line)
    parts = (
        "".join(account.split()).upper(),
        currency,
        line.booked_date.isoformat(),
        str(line.amount_minor),
        line.bank_ref,
        words,
    )
    return _SEPARATOR.join(parts)


def _words_of(line: StatementLine) -> str:
    """Letters and digits alone: banks change spaces and capitals from one file to the next."""
    parts = (line.end_to_end_id, line.reference, line.other_name, line.other_account, line.text)
    text = unicodedata.normalize("NFKC", " ".join(parts)).casefold()
    return re.sub(r"\W+", "", text)


def sort(keyed: Iterable[Keyed], known: Iterable[KnownLine], *, source: str) -> Sorting:
    """Part a file's lines by what was taken in before.

    `known` are the lines of the same account on the file's days.
    """
    lines = list(keyed)
    before = {line.key: line for line in known}
    here = {key for key, _ in lines}
    absent = [line for key, line in before.items() if key not in here]
    new: list[Keyed] = []
    same: list[Keyed] = []
    doubtful: list[Keyed] = []
    for key, line in lines:
        if key in before:
            same.append((key, line))
            continue
        twin = next((one for one in absent if _may_be(one, line, source)), None)
        if twin is None:
            new.append((key, line))
        else:
            absent.remove(twin)
            doubtful.append((key, line))
    return Sorting(tuple(new), tuple(same), tuple(doubtful))


def _may_be(known: KnownLine, line: StatementLine, source: str) -> bool:
    """Two numbers that the bank gave in one kind of file are two movements."""
    are_numbered = known.source == source and known.bank_ref and line.bank_ref
    is_alike = (known.booked_date, known.amount_minor) == (line.booked_date, line.amount_minor)
    return is_alike and not are_numbered


def unexplained_minor(
    *, opening_minor: int, known_minor: int, new: Iterable[StatementLine], closing_minor: int
) -> int:
    """What is missing between an account's first balance and its newest; 0 if all is explained.

    `known_minor` is the sum of all lines taken in since that first balance. Two true equal lines
    without a bank's number in two files that do not overlap look like one: this tells them apart.
    """
    return closing_minor - opening_minor - known_minor - sum(line.amount_minor for line in new)
