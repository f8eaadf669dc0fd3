"""Lists of sanctions as their publishers write them, and how names are compared.

Formats, each read as it is published and nothing guessed: OFAC's `sdn.csv` and, of other names of
the same, `alt.csv` (no head, "-0-" for nothing), the UK's consolidated list (`ConList.csv`, a line
with its date before the head), the EU's `csvFullSanctionsList` (semicolons), and a plain list with
the columns `id`, `name` and, if there are other names, `aliases`.
"""

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass


class BadList(ValueError):
    """A file that is no such list; the message says what is missing."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One name of somebody listed; `uid` is the publisher's number of them."""

    uid: str
    name: str


def read_ofac(lines: Iterable[str]) -> Iterator[Listed]:
    """OFAC's `sdn.csv`: number, name, type, programme, … twelve columns."""
    for row in _headless(lines, 12, "the twelve columns of sdn.csv"):
        yield Listed(row[0].strip(), row[1].strip())


def read_ofac_alt(lines: Iterable[str]) -> Iterator[Listed]:
    """OFAC's `alt.csv`, other names of those in `sdn.csv`: number of the listed, number, kind,
    name, remarks. It is a list by itself, with its own day."""
    for row in _headless(lines, 5, "the five columns of alt.csv"):
        yield Listed(row[0].strip(), row[3].strip())


def _headless(lines: Iterable[str], columns: int, what: str) -> Iterator[list[str]]:
    for number, row in enumerate(csv.reader(lines), 1):
        if not row or row[0].strip("\x1a ") == "":
            continue
        if len(row) < columns or not row[0].strip().isdigit():
            raise BadList(f"line {number} has not {what}")
        yield row


_UK_NAMES = ("Name 1", "Name 2", "Name 3", "Name 4", "Name 5", "Name 6")


def read_uk(lines: Iterable[str]) -> Iterator[Listed]:
    """The UK's list: given names in "Name 1" to "Name 5", surname or body in "Name 6"."""
    rows = csv.reader(lines)
    head = next((row for row in rows if "Name 6" in [cell.strip() for cell in row]), None)
    if head is None:
        raise BadList("no line of heads with “Name 6”")
    places = {cell.strip(): place for place, cell in enumerate(head)}
    uid = next((places[name] for name in ("Group ID", "OFSI Group ID") if name in places), None)
    if uid is None or not set(_UK_NAMES) <= set(places):
        raise BadList("no columns “Group ID” and “Name 1” to “Name 6”")
    for row in rows:
        parts = [row[places[name]].strip() for name in _UK_NAMES if places[name] < len(row)]
        if name := " ".join(part for part in parts if part):
            yield Listed(row[uid].strip(), name)


def read_eu(lines: Iterable[str]) -> Iterator[Listed]:
    """The EU's list: a line for each name, in "NameAlias_WholeName"."""
    yield from _columns(lines, ";", "Entity_LogicalId", "NameAlias_WholeName")


def read_plain(lines: Iterable[str]) -> Iterator[Listed]:
    """A list with `id` and `name`, parted by commas; what other registers are turned into.

    Other names of the same stand in `aliases`, if there is such a column, parted by semicolons.
    So the simple CSV of OpenSanctions is read as it is, of Ukraine's register for one.
    """
    yield from _columns(lines, ",", "id", "name", "aliases")


def _columns(
    lines: Iterable[str], mark: str, uid: str, name: str, others: str = ""
) -> Iterator[Listed]:
    rows = csv.DictReader(lines, delimiter=mark)
    if not {uid, name} <= {head.strip("\ufeff") for head in rows.fieldnames or ()}:
        raise BadList(f"no columns “{uid}” and “{name}”")
    for row in rows:
        clean = {str(head).strip("\ufeff"): value for head, value in row.items()}
        number = (clean[uid] or "").strip()
        names = [clean[name] or "", *(clean.get(others) or "").split(";")]
        yield from (Listed(number, written) for one in names if (written := one.strip()))


READERS: dict[str, Callable[[Iterable[str]], Iterator[Listed]]] = {
    "ofac-sdn": read_ofac,
    "ofac-alt": read_ofac_alt,
    "uk": read_uk,
    "eu": read_eu,
    "plain": read_plain,
}

# Letters of Ukrainian and Russian in those that lists write them with; what is spelt in several
# ways becomes one.
_CYRILLIC = {
    "а": "a", "б": "b", "в": "v", "г": "g", "ґ": "g", "д": "d", "е": "e", "є": "e", "ё": "e",
    "ж": "zh", "з": "z", "и": "i", "і": "i", "ї": "i", "й": "i", "к": "k", "л": "l", "м": "m",
    "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh",
    "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "i", "ь": "", "э": "e",
    "ю": "iu", "я": "ia", "’": "", "'": "",
}  # fmt: skip
_SPELT = (("yi", "i"), ("y", "i"), ("ii", "i"), ("j", "i"), ("w", "v"), ("h", "g"))
# What a body is, not how it is called.
_FORMS = frozenset(
    (
        "llc", "ltd", "limited", "inc", "corp", "co", "company", "gmbh", "ag", "sa", "oao", "ooo",
        "zao", "pao", "tov", "pp", "prat", "pat", "at", "fop", "the", "of", "and", "joint",
        "stock", "public",
    )
)  # fmt: skip


# Marks over Latin letters; the database compares by the same (migration 0034).
_MARKS = re.compile("[\u0300-\u036f]")


def folded(name: str) -> str:
    """A name as it is compared: Latin letters, no marks, no legal form, words in order."""
    text = unicodedata.normalize("NFC", name)
    latin = "".join(_CYRILLIC.get(letter, letter) for letter in text.casefold())
    plain = unicodedata.normalize("NFKD", latin)
    words = re.findall(r"[a-z0-9]+", _MARKS.sub("", plain))
    kept = [word for word in words if word not in _FORMS] or words
    return " ".join(sorted(map(_spelt, kept)))


def _spelt(word: str) -> str:
    for written, one in _SPELT:
        word = word.replace(written, one)
    return word
