"""How a name is made comparable: what people leave out or type otherwise does not count."""

import unicodedata
from collections.abc import Iterable

# Apostrophes are typed in many ways (Слов'янськ, Слов’янськ, Kramatorsʹk) and often left out.
APOSTROPHES = "'’ʼ‘`´ʹʻ′ʾʿ׳"
SEPARATORS = "-‐‑–—―־_/\\,.()[]:;=·・،、「」！？"
# Joiners, direction marks, soft hyphen and the like: they show nothing and are pasted unseen.
INVISIBLE = (0x00AD, 0x061C, 0x0640, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F),
             *range(0x2060, 0x2070), *range(0xFE00, 0xFE10))  # fmt: skip
# Marks that stay beside their letter after NFC: a stress (Ки́їв), or a flood of them.
LOOSE_MARKS = range(0x0300, 0x0370)
LATIN_EXTRA = {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i",
               "ħ": "h", "ŋ": "n", "ə": "a"}  # fmt: skip
# Typed one for the other: ё as е, and the Persian letters on an Arabic keyboard.
ALIKE = {"ё": "е", "ی": "ي", "ى": "ي", "ک": "ك", "ة": "ه", "أ": "ا", "إ": "ا", "آ": "ا"}

# Letters of one look, Latin → Cyrillic. A name mixes the two only by mistake or to deceive.
LATIN_TO_CYRILLIC = str.maketrans("aceiopxyhkmtb", "асеіорхуһкмтв")
CYRILLIC_TO_LATIN = str.maketrans("асеіорхуһкмтвѕј", "aceiopxyhkmtbsj")

# Up to here every wrong or missing letter is tried: a thousand spellings or two.
EVERY_SLIP_LENGTH_MAX = 24
ALPHABETS = {
    "LATIN": "abcdefghijklmnopqrstuvwxyz",
    "CYRILLIC": "абвгґдеєжзиіїйклмнопрстуфхцчшщьыъэюя",
    "GREEK": "αβγδεζηθικλμνξοπρστυφχψω",
    "HEBREW": "אבגדהוזחטיכךלמםנןסעפףצץקרשת",
    "ARABIC": "ابتثجحخدذرزسشصضطظعغفقكلمنهويپچژگ",
    "GEORGIAN": "აბგდევზთიკლმნოპჟრსტუფქღყშჩცძწჭხჯჰ",
}

# In which letters a language is written, where these are not Latin ones.
_LETTERS_OF = {"bg": "CYRILLIC", "mk": "CYRILLIC", "uk": "CYRILLIC", "el": "GREEK"}
# Letters that a language of an alphabet does not have: a name with one is another language's.
FOREIGN_LETTERS = {"uk": frozenset("ёъыэ"), "bg": frozenset("ёыэґєії")}


def normal_form(name: str) -> str:
    """Return `name` as it is searched: NFC, case folded, without apostrophes, hyphens as spaces.

    Marks are never stripped after NFD: in Ukrainian that would turn й into и and ї into і.
    Latin and Greek letters lose their accents, since "Timișoara" is typed "Timisoara" nearly
    always. Controls, zero-width and direction characters are dropped.
    """
    if name.isascii():
        if name.isalpha():
            return name.lower()
        text = name
    else:
        text = unicodedata.normalize("NFC", name)
    return " ".join(text.casefold().translate(_TABLE).split())


def unmixed(normal: str) -> str:
    """Return a normal form in one script: of Latin and Cyrillic look-alikes, the rarer gives way.

    "krаmаtorsk" with two Cyrillic а becomes all Latin. Other text comes back as it is.
    """
    latin = sum("a" <= letter <= "z" for letter in normal)
    cyrillic = sum("\u0400" <= letter <= "\u052f" for letter in normal)
    if not latin or not cyrillic:
        return normal
    return normal.translate(CYRILLIC_TO_LATIN if latin >= cyrillic else LATIN_TO_CYRILLIC)


def near_misses(normal: str) -> list[str]:
    """Return what may have been meant by somebody who made one slip while typing.

    Two neighbours swapped or a letter too many; up to 24 letters also a wrong or a missing one,
    since trigrams see little likeness between short words ("лвів", "львів").
    """
    gaps = range(len(normal) + 1)
    swapped = (
        normal[:i] + normal[i + 1] + normal[i] + normal[i + 2 :] for i in range(len(normal) - 1)
    )
    shorter = (normal[:i] + normal[i + 1 :] for i in range(len(normal)))
    letters = ALPHABETS.get(alphabet(normal), "")
    others = f"{letters} " if letters and len(normal) <= EVERY_SLIP_LENGTH_MAX else ""
    longer = (normal[:i] + letter + normal[i:] for i in gaps for letter in others)
    changed = (normal[:i] + letter + normal[i + 1 :] for i in gaps[:-1] for letter in others)
    return sorted({*swapped, *shorter, *longer, *changed} - {normal})


def is_in_one_script(name: str) -> bool:
    """Whether the letters of `name` are not a mixture of Latin and Cyrillic."""
    normal = normal_form(name)
    is_latin = any("a" <= letter <= "z" for letter in normal)
    return not (is_latin and any("\u0400" <= letter <= "\u052f" for letter in normal))


def is_romanised_by_machine(name: str) -> bool:
    """Whether GeoNames' robot spelled the name in Latin ("keulamatoleuseukeu"): nobody types it."""
    return "a" <= name[:1] <= "z"


def alphabet(name: str) -> str:
    """Return in which writing `name` is, as Unicode calls it: "LATIN", "CYRILLIC", "HANGUL", …"""
    for letter in name:
        if letter.isalpha():
            return unicodedata.name(letter, "").split(" ")[0].split("-")[0]
    return ""


def alphabet_of(language: str) -> str:
    """Return in which writing a language (BCP 47) is written: "LATIN" unless known otherwise."""
    return _LETTERS_OF.get(language, "LATIN")


def matched_part(name: str, typed: str) -> tuple[str, str, str]:
    """Split `name` into before, the run that matches `typed`, and after; for marking it.

    Works on what is shown, so that accents and apostrophes in the name are kept. Without a match
    the middle is empty.
    """
    wanted = normal_form(typed)
    if not wanted:
        return name, "", ""
    for start in range(len(name)):
        for end in range(start + 1, len(name) + 1):
            part = normal_form(name[start:end])
            if part == wanted:
                return name[:start], name[start:end], name[end:]
            if len(part) > len(wanted):
                break
    return name, "", ""


def _bare(letters: Iterable[int]) -> dict[int, str]:
    bare = {}
    for code in letters:
        decomposed = unicodedata.normalize("NFD", chr(code))
        if len(decomposed) > 1:
            bare[code] = decomposed[0].casefold()
    return bare


def _table() -> dict[int, str | None]:
    accented = (*range(0xC0, 0x250), *range(0x1E00, 0x1F00), *range(0x386, 0x3CF),
                *range(0x1F00, 0x2000))  # fmt: skip
    full_width = {code: chr(code - 0xFEE0).casefold() for code in range(0xFF01, 0xFF5F)}
    nothing = (*range(0x20), 0x7F, *range(0x80, 0xA0), *INVISIBLE, *LOOSE_MARKS)
    return {
        **_bare(accented),
        **full_width,
        **dict.fromkeys(map(ord, SEPARATORS), " "),
        **{ord("－"): " ", ord("，"): " ", ord("（"): " ", ord("）"): " ", ord("＝"): " "},
        **{ord(letter): other for letter, other in (LATIN_EXTRA | ALIKE).items()},
        **dict.fromkeys(nothing),
        **dict.fromkeys(map(ord, "\t\n\r"), " "),
        **dict.fromkeys(map(ord, APOSTROPHES)),
    }


_TABLE = _table()
