"""How a name is made comparable: what people leave out or type otherwise does not count."""

import unicodedata

# Apostrophes are typed in seven ways (Слов'янськ, Слов’янськ, Kramators’k) and often left out.
APOSTROPHES = dict.fromkeys(map(ord, "'’ʼ‘`´ʹʻ"))
SEPARATORS = {ord(c): " " for c in "-‐‑–—_/,.()"}


def normal_form(name: str) -> str:
    """Return `name` as it is searched: NFC, case folded, without apostrophes, hyphens as spaces.

    Marks are never stripped after NFD: in Ukrainian that would turn й into и and ї into і.
    Latin letters lose their accents, since "Timișoara" is typed "Timisoara" nearly always.
    """
    text = unicodedata.normalize("NFC", name).casefold().translate(APOSTROPHES)
    text = "".join(_bare_latin(letter) for letter in text.translate(SEPARATORS))
    return " ".join(text.split())


def _bare_latin(letter: str) -> str:
    if letter in _LATIN_EXTRA:
        return _LATIN_EXTRA[letter]
    decomposed = unicodedata.normalize("NFD", letter)
    return decomposed[0] if decomposed[0].isascii() and len(decomposed) > 1 else letter


_LATIN_EXTRA = {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"}
