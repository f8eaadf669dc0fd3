"""What the Ukrainian of the site owes its readers: whole, with every slot, in good spelling.

The sentences are read out of the code and templates with Babel, so no gettext is needed here.
"""

import ast
import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.pofile import read_po
from django.template import Context, Template
from django.test import Client
from django.utils.translation import gettext, ngettext, override
from django.utils.translation.template import templatize

from twinhood.kit import borrowed

ROOT = Path(__file__).resolve().parent.parent
UKRAINIAN = ROOT / "locale" / "uk" / "LC_MESSAGES" / "django.po"
# Which argument is the context, the sentence and its plural; in Babel's own notation.
CALLS = {
    **DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
SLOT = re.compile(r"%\((\w+)\)[sd]|(?<!%)%([sd])|\{(\w*)\}")
# Calques, words that beg or suspect, and Russian forms: how they begin.
NOT_SAID = (
    "донат",
    "пожертв",
    "жертводав",
    "дарунок",
    "гуманітарк",
    "конфлікт",
    "біженц",
    "діюч",
    "співпада",
    "відмінит",
    "відмінен",
    "проводк",
    "прокламац",
    "посередник",
    "досьє",
    "бухгалтері",
    "МРТ-сканер",
    "аванс",
    "виплат",
    "наступним чином",
    "будь ласка, введіть",
    "на протязі",
    "приймати участь",
    "являється",
    "слідуюч",
    "існуюч",
    "бажаюч",
    "на Україні",
    "Артемівськ",
    "Красний Лиман",
    "Дніпропетровськ",
    "Червоноград",
)

type Key = tuple[str, str]


def calls_in(path: Path) -> Iterator[tuple[Key, str]]:
    """Every sentence that a module or a template gives to the translators, with its plural."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Django blanks out all but the calls; their lines must then not be indented.
        text = "\n".join(line.strip() for line in templatize(text).splitlines())
    for _line, found, _comments, context in extract("python", io.BytesIO(text.encode()), CALLS):
        sentence, *plural = [found] if isinstance(found, str) else found
        yield (context or "", sentence), plural[0] if plural else ""


def sources() -> list[Path]:
    kinds = (
        path for kind in ("*.py", "*.html", "*.txt") for path in (ROOT / "twinhood").rglob(kind)
    )
    return [
        path
        for path in kinds
        if not {"tests", "static", "migrations", "__pycache__"} & set(path.parts)
    ]


def said() -> dict[Key, str]:
    return {key: plural for path in sources() for key, plural in calls_in(path)}


def translated() -> list[Message]:
    with UKRAINIAN.open("rb") as file:
        return [message for message in read_po(file, locale="uk") if message.id]


def forms(message: Message) -> list[str]:
    text = message.string or ""
    return [text] if isinstance(text, str) else list(text)


def english(message: Message) -> str:
    """The sentence; of two, the plural, which has all slots."""
    return message.id if isinstance(message.id, str) else message.id[-1]


def key_of(message: Message) -> Key:
    return message.context or "", message.id if isinstance(message.id, str) else message.id[0]


def slots(text: str) -> set[str]:
    return {named or bare or braced for named, bare, braced in SLOT.findall(text)}


def wrong(rule: re.Pattern[str]) -> list[str]:
    return [text for message in translated() for text in forms(message) if rule.search(text)]


def wrong_outside_the_law(rule: re.Pattern[str]) -> list[str]:
    """A receipt quotes the law in the law's own words: such a sentence has the context "law"."""
    ours = [message for message in translated() if message.context != "law"]
    return [text for message in ours for text in forms(message) if rule.search(text)]


def test_sentences_are_found_in_code_and_in_templates() -> None:
    found = said()

    assert ("", "Skip to content") in found
    assert ("needs, plural", "Verified") in found
    assert found["", "%(count)d gift is taken in."] == "%(count)d gifts are taken in."
    assert len(found) > 900


def test_every_sentence_has_its_ukrainian() -> None:
    known = {key_of(m) for m in translated() if all(forms(m)) and "fuzzy" not in m.flags}

    assert sorted(said().keys() - known) == []


def test_every_plural_is_known_as_a_plural() -> None:
    plurals = {key_of(m): english(m) for m in translated() if not isinstance(m.id, str)}

    assert plurals == {key: plural for key, plural in said().items() if plural}


def test_nothing_is_kept_that_nobody_says() -> None:
    assert sorted({key_of(message) for message in translated()} - said().keys()) == []


def test_every_slot_is_in_every_form() -> None:
    odd = [
        (english(message), text)
        for message in translated()
        for text in forms(message)
        if slots(text) != slots(english(message))
    ]

    assert odd == []


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (1, "Записано 1 внесок."),
        (2, "Записано 2 внески."),
        (5, "Записано 5 внесків."),
        (11, "Записано 11 внесків."),
        (12, "Записано 12 внесків."),
        (21, "Записано 21 внесок."),
        (22, "Записано 22 внески."),
        (25, "Записано 25 внесків."),
        (111, "Записано 111 внесків."),
    ],
)
def test_numbers_and_nouns_agree(count: int, words: str) -> None:
    with override("uk"):
        text = ngettext("%(count)d gift is taken in.", "%(count)d gifts are taken in.", count)

    assert text % {"count": count} == words


def test_every_plural_has_its_forms_and_the_fourth_is_that_of_many() -> None:
    plurals = [forms(message) for message in translated() if not isinstance(message.id, str)]

    assert plurals
    assert all(len(found) == 4 and found[3] == found[2] for found in plurals)


@pytest.mark.parametrize(
    "rule",
    [
        re.compile(r"'"),
        re.compile(r"\"(?!>)"),
        re.compile(r"[“”]|\.\.\."),
        re.compile(r" - | [–—]"),
        re.compile(r"[ыэёъЫЭЁЪ]"),
        re.compile(r"№ "),
        re.compile(r"\d [$₴€]"),
        re.compile(r" {2}|^ | $"),
    ],
    ids=["apostrophe", "quotes", "dots", "dash", "letters", "number", "money", "spaces"],
)
def test_it_is_set_as_ukrainian_is_set(rule: re.Pattern[str]) -> None:
    assert wrong(rule) == []


def test_what_is_opened_is_closed() -> None:
    texts = [text for message in translated() for text in forms(message)]

    assert [text for text in texts if text.count("«") != text.count("»")] == []
    assert [text for text in texts if text.count("(") != text.count(")") and "[" not in text] == []


def test_no_sentence_ends_with_two_full_stops() -> None:
    """A day in words ends with «р.» already."""
    assert wrong(re.compile(r"%\((?:date|day|at)\)s\.")) == []


@pytest.mark.parametrize("word", NOT_SAID)
def test_words_that_we_do_not_say(word: str) -> None:
    assert wrong_outside_the_law(re.compile(rf"\b{re.escape(word)}", re.IGNORECASE)) == []


def test_the_reader_is_addressed_in_lower_case() -> None:
    assert wrong(re.compile(r"(?<=[\w,;] )(?:Ви|Вас|Вам|Ваш\w*)\b")) == []


def test_sentences_of_the_packages_are_ours_in_ukrainian() -> None:
    with override("uk"):
        told = [
            gettext(text) for text in (*borrowed.DJANGO, *borrowed.ALLAUTH) if type(text) is str
        ]

    assert told
    assert all(re.search(r"[а-яіїєґ]", text) for text in told)
    assert [text for text in told if "'" in text or "аутентифікац" in text] == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["/uk/", "/uk/registry/", "/uk/who/", "/uk/account/login/", "/uk/no-such-page/"]
)
def test_pages_say_that_they_are_ukrainian_and_are(path: str, client: Client) -> None:
    whole = [key[1] for key, plural in said().items() if not plural and key[1].count(" ") > 1]

    page = client.get(path).content.decode()

    assert '<html lang="uk"' in page
    assert [text for text in whole if not slots(text) and f">{text}<" in page] == []


def test_what_people_wrote_is_shown_and_never_read_as_a_pattern() -> None:
    name = "100% %(sum)s %d {0} {city}"
    page = Template(
        "{% load i18n %}{% blocktranslate trimmed %}Give to {{ city }}{% endblocktranslate %}"
    )

    with override("uk"):
        shown = page.render(Context({"city": name}))

    assert shown == f"Підтримати: {name}"


def test_only_sentences_written_in_the_code_are_looked_up() -> None:
    """What comes in from outside must not choose what is translated or filled in."""
    looks_up = {name for name in CALLS if "gettext" in name} | {"_"}
    odd = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources()
        if path.suffix == ".py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in looks_up
        and not isinstance(node.args[0], ast.Constant)
    ]

    assert odd == []
