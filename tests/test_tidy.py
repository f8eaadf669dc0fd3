"""The house is tidy: cards, sizes, templates without inline code, settings with their page."""

import ast
import re
from pathlib import Path

import pytest

from tests.house import CHECKOUT, PACKAGE, files, rooms
from tests.pages import Page

FUNCTION_LINES_MAX = 60
FILE_LINES_MAX = 600
# What is longer for a reason that stands beside it.
LONGER: dict[str, str] = {}


@pytest.mark.parametrize("room", rooms())
def test_every_room_has_its_card(room: str) -> None:
    card = ast.get_docstring(ast.parse((PACKAGE / room / "__init__.py").read_text("utf-8"))) or ""

    for line in ("Owns", "Door", "Promises", "Imports"):
        assert re.search(rf"^{line}\b", card, re.MULTILINE), f"{room}/__init__.py lacks {line}"


def test_files_and_functions_are_read_in_one_sitting() -> None:
    long = [what for path in files("*.py") for what in too_long(path) if what not in LONGER]

    assert long == []


def too_long(path: Path) -> list[str]:
    """Names of the file, and of functions in it, that are longer than the house likes."""
    name = str(path.relative_to(CHECKOUT))
    text = path.read_text(encoding="utf-8")
    functions = [
        f"{name}:{node.name}"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno + 1 > FUNCTION_LINES_MAX
    ]
    return [name, *functions] if text.count("\n") > FILE_LINES_MAX else functions


def test_what_may_be_longer_is_still_there() -> None:
    gone = [what for what in LONGER if not (CHECKOUT / what.partition(":")[0]).exists()]

    assert gone == []


def test_templates_hold_no_code_and_no_style() -> None:
    wrong = {
        str(path.relative_to(PACKAGE)): found
        for path in files("*.html", tests=False)
        if (found := inline_in(path.read_text(encoding="utf-8")))
    }

    assert wrong == {}


@pytest.mark.parametrize(
    "template",
    [
        '<p style="color:red">',
        '<a {% if x %}class="b"{% endif %} onclick="go()">',
        "<script>go()</script>",
        '<script src="https://elsewhere.example/x.js"></script>',
        "<style>p{}</style>",
        '<a href="javascript:go()">',
        "{{ text|safe }}",
    ],
)
def test_the_guard_of_templates_sees_what_it_guards_against(template: str) -> None:
    assert inline_in(template)


def inline_in(template: str) -> list[str]:
    """What a strict policy forbids in the markup itself, and ways around escaping.

    What tags give is judged on the finished pages, in test_hostile_web.
    """
    markup = re.sub(r"{#.*?#}|{%.*?%}|{{.*?}}", "", template, flags=re.DOTALL)
    around = re.findall(r"\|safe\b|autoescape off", template)
    return Page(markup).forbidden + around


def test_scripts_make_no_code_out_of_text() -> None:
    wrong = re.compile(r"\beval\(|new Function|document\.write|hx-on")

    assert [path.name for path in files("*.js") if wrong.search(path.read_text("utf-8"))] == []


def our_texts() -> list[Path]:
    named = [*files("*.py"), *files("*.html"), *files("*.css"), *files("*.js")]
    return [*named, *(CHECKOUT / "tests").rglob("*.py"), *(CHECKOUT / "docs").rglob("*.md")]


def test_nothing_is_put_off_in_a_comment() -> None:
    # Put together here, so that this file does not find itself.
    later = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "HA" + "CK"]) + r")\b")

    found = [
        f"{path.relative_to(CHECKOUT)}:{number}"
        for path in our_texts()
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if later.search(line)
    ]

    assert found == []


@pytest.mark.parametrize("room", rooms())
def test_the_last_migration_is_the_one_that_git_guards(room: str) -> None:
    made = sorted(path.stem for path in (PACKAGE / room).glob("migrations/0*.py"))
    if made:
        guard = (PACKAGE / room / "migrations" / "max_migration.txt").read_text("utf-8").strip()
        assert guard == made[-1]
        assert all(re.fullmatch(r"\d{4}_(?!auto_)\w+", name) for name in made)


def test_every_variable_has_its_line_in_the_reference() -> None:
    read = re.compile(r"\b(?:env|env_flag)\(\s*[\"'](\w+)[\"']")
    page = (CHECKOUT / "docs" / "reference" / "settings.md").read_text("utf-8")
    described = set(re.findall(r"^\| `([A-Z0-9_]+)`", page, re.MULTILINE))

    used = set(read.findall((PACKAGE / "settings.py").read_text("utf-8")))

    assert used - described == set(), "describe these in docs/reference/settings.md"
    spoken_of = {name for path in our_texts() for name in _variables(path)}
    assert described - used - spoken_of == set(), "nothing reads these any more"


def _variables(path: Path) -> list[str]:
    if path.suffix != ".py":
        return []
    return re.findall(r"[\"']([A-Z][A-Z_]{3,})[\"']", path.read_text("utf-8"))
