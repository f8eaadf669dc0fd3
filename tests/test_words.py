"""One meaning a word: what docs/concepts/words.md says not to say is no name in the code."""

import ast
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.house import CHECKOUT, PACKAGE, files

WORDS = CHECKOUT / "docs" / "concepts" / "words.md"
_ROW = re.compile(r"^\| `\w+` \|[^|]*\|([^|]*)\|$", re.MULTILINE)
_PARTS = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")


# It speaks Stripe's words, because its objects are Stripe's: charge, payout, customer.
FOREIGN = PACKAGE / "practice"


def unsaid() -> set[str]:
    """The words of the third column."""
    rows = _ROW.findall(WORDS.read_text(encoding="utf-8"))
    return {word for row in rows for word in re.findall(r"`([a-z_]+)`", row)}


def names_of(path: Path) -> Iterator[tuple[int, str]]:
    """What a module names itself: functions, classes, arguments, variables, fields."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.lineno, node.id


def parts_of(name: str) -> set[str]:
    """The words in a name, single and in pairs: "tenant_id" has "tenant", "id", "tenant_id"."""
    parts = [part.lower() for part in _PARTS.findall(name)]
    singular = [part.removesuffix("s") for part in parts]
    pairs = ["_".join(pair) for pair in pairwise(parts)]
    return {*parts, *singular, *pairs}


def test_the_page_of_words_says_what_not_to_say() -> None:
    assert {"donation", "contributor", "vendor"} <= unsaid()


def test_names_are_taken_apart() -> None:
    assert {"donation", "donations"} <= parts_of("_all_donations")
    assert {"gift", "form"} <= parts_of("GiftForm")
    assert "tenant_id" in parts_of("tenant_id")


def test_no_name_says_what_we_do_not_say() -> None:
    wrong = unsaid()

    found = [
        f"{path.relative_to(PACKAGE)}:{line} {name}"
        for path in files("*.py", tests=False)
        if FOREIGN not in path.parents
        for line, name in names_of(path)
        if parts_of(name) & wrong
    ]

    assert found == []


@pytest.mark.parametrize("kind", ["*.py", "*.html", "*.css", "*.js"])
def test_no_file_is_named_so_either(kind: str) -> None:
    wrong = unsaid()

    assert [path.name for path in files(kind, tests=False) if parts_of(path.stem) & wrong] == []
