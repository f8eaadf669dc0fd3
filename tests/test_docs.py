"""What the documentation says is there is there."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from twinhood.giving.rails import RAILS
from twinhood.people.core.permissions import RoleName
from twinhood.people.models import Partnership, Person, Role
from twinhood.places.models import Place
from twinhood.twinnings.models import Twinning

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("[0-9]*.md"))
HEADINGS = (
    "What we saw",
    "What we chose",
    "What we gave up",
    "What would change our mind",
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
# A path of ours in backticks; `<name>`, `…` and globs speak of many files.
OUR_PATH = re.compile(
    r"`((?:twinhood|docs|tests|benchmarks|scripts|requirements|locale)/[\w./-]+)`"
)
FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def prose_of(path: Path) -> str:
    return FENCED.sub("", text_of(path))


def blocks_of(path: str, language: str) -> list[str]:
    """The fenced blocks of one language on a page."""
    return [body for found, body in FENCED.findall(text_of(ROOT / path)) if found == language]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = [link.split("#")[0] for link in LINK.findall(prose_of(page)) if ":" not in link]

    missing = [target for target in targets if target and not (page.parent / target).exists()]

    assert not missing


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_file_that_is_named_exists(page: Path) -> None:
    named = set(OUR_PATH.findall(prose_of(page)))
    made_by_running = set(text_of(ROOT / ".gitignore").split())

    assert not {path for path in named - made_by_running if not (ROOT / path).exists()}


def test_every_page_is_listed_in_the_table_of_contents() -> None:
    contents = {
        (ROOT / "docs" / link).resolve()
        for link in LINK.findall(text_of(ROOT / "docs" / "README.md"))
    }
    listed_elsewhere = {*DECISIONS, ROOT / "docs" / "README.md"}

    pages = set((ROOT / "docs").rglob("*.md")) - listed_elsewhere

    assert {name_of(page) for page in pages - contents} == set()


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z]+(?:\.pyz)?):", text_of(ROOT / "Makefile"), re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_make_command_is_a_target(page: Path) -> None:
    commands = re.findall(
        r"(?:^ *|`|[A-Z]=\S+ )make ([a-z]+(?:\.pyz)?)", text_of(page), re.MULTILINE
    )

    assert set(commands) <= make_targets()


def test_the_readme_names_both_commands() -> None:
    commands = "\n".join(blocks_of("README.md", "sh"))

    assert re.search(r"^make run\b", commands, re.MULTILINE)
    assert re.search(r"^make test\b", commands, re.MULTILINE)


def test_every_target_is_described() -> None:
    described = text_of(ROOT / "docs" / "reference" / "cli.md")

    undescribed = {name for name in make_targets() if f"| `make {name}` |" not in described}

    assert undescribed <= {"help"}


def test_every_command_of_the_program_is_described() -> None:
    from twinhood.cli import COMMANDS

    headings = re.findall(r"^## twinhood (\w+)", text_of(ROOT / "docs/reference/cli.md"), re.M)

    assert set(headings) == set(COMMANDS)


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_says_what_it_must(decision: Path) -> None:
    headings = re.findall(r"^## (.+)$", text_of(decision), re.MULTILINE)

    assert [heading for heading in headings if heading in HEADINGS] == list(HEADINGS)


def test_decisions_are_numbered_once_and_listed() -> None:
    numbers = [decision.name[:4] for decision in DECISIONS]
    listed = re.findall(r"\((\d{4}-[\w-]+\.md)\)", text_of(ROOT / "docs/decisions/README.md"))

    assert len(set(numbers)) == len(numbers)
    assert listed == [decision.name for decision in DECISIONS]


def word_rows() -> Iterator[list[str]]:
    """The rows of every table that begins `| say | for | not |`, as cells."""
    is_inside = False
    for line in text_of(ROOT / "docs" / "concepts" / "words.md").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if cells == ["say", "for", "not"]:
            is_inside = True
        elif not line.startswith("|"):
            is_inside = False
        elif is_inside and not set(line) <= set("|- "):
            yield cells


def test_each_word_has_one_meaning() -> None:
    rows = list(word_rows())
    words = [cells[0] for cells in rows]

    assert all(len(cells) == 3 and cells[1] for cells in rows)
    assert all(re.fullmatch(r"`[a-z_]+`", word) for word in words)
    assert len(set(words)) == len(words) > 40
    avoided = {word for cells in rows for word in re.findall(r"`[a-z_]+`", cells[2])}
    assert not avoided & set(words)


def replayed(journal: str) -> object:
    done = subprocess.run(
        [sys.executable, "-m", "twinhood", "replay", "-"],
        input=journal.encode(),
        capture_output=True,
        check=True,
        cwd=ROOT,
    )
    return json.loads(done.stdout)


def test_the_worked_example_comes_out_as_the_page_says() -> None:
    (journal,) = blocks_of("docs/concepts/line.md", "json")
    (answer,) = blocks_of("docs/reference/journal.md", "json")

    assert replayed(journal) == json.loads(answer)


@pytest.fixture
def two_places(db: None) -> None:
    for number, name, zone in (
        (4843564, "Stamford", "America/New_York"),
        (704508, "Kramatorsk", "Europe/Kyiv"),
    ):
        Place.objects.create(
            geoname_id=number,
            name=name,
            country_code="US" if name == "Stamford" else "UA",
            latitude=41.0,
            longitude=37.0,
            time_zone=zone,
        )


@pytest.mark.usefixtures("two_places")
def test_a_partnership_opens_by_the_words_on_the_page() -> None:
    (script,) = blocks_of("docs/operations/open-a-partnership.md", "python")
    emails = re.findall(r'"(\w+@example\.org)"', script)
    for email in emails:
        Person.objects.create_user(email, name=email)

    exec(compile(script, "open-a-partnership.md", "exec"), {})  # noqa: S102 (our own page)

    partnership = Partnership.objects.get(slug="stamford-kramatorsk")
    assert Role.objects.filter(partnership=partnership).count() == len(emails)
    assert partnership.funds.get().free_minor == 0
    assert partnership.campaigns.get().state == "draft"
    assert Twinning.objects.get(partnership=partnership).state == "proposed"


def test_the_page_on_roles_names_them_all() -> None:
    page = text_of(ROOT / "docs" / "operations" / "open-a-partnership.md")

    assert {role for role in RoleName if f"`{role}`" not in page} == set()


def test_the_page_on_rails_names_them_all() -> None:
    page = text_of(ROOT / "docs" / "how-to" / "add-a-rail.md")

    assert {rail.code for rail in RAILS if f"`{rail.code}`" not in page} == set()


def test_every_setting_is_described() -> None:
    settings = text_of(ROOT / "twinhood" / "settings.py")
    read = set(re.findall(r"env(?:_flag)?\(\s*\"([A-Z0-9_]+)\"", settings)) - {"TWINHOOD_PROCESS"}
    described = set(re.findall(r"`([A-Z0-9_]+)`", text_of(ROOT / "docs/reference/settings.md")))

    assert read - described == set()
    undefined = {name for name in described if name.startswith("TWINHOOD_")} - read
    assert {name for name in undefined if name not in settings_of_other_programs()} == set()


def settings_of_other_programs() -> set[str]:
    """What tests, scripts and the supervisor read from the environment themselves."""
    sources = [
        *(ROOT / "scripts").glob("*"),
        *(ROOT / "twinhood" / "ops").rglob("*.py"),
        *ROOT.rglob(".ci/*"),
        *ROOT.glob("*.py"),
        *(ROOT / "benchmarks").glob("*.py"),
        *(ROOT / "tests").rglob("*.py"),
    ]
    texts = (text_of(path) for path in sources if path.is_file())
    names = {name for text in texts for name in re.findall(r"TWINHOOD_[A-Z0-9_]+", text)}
    return names | {f"{name}_FILE" for name in names}
