"""Our own words on papers, in each language of the paper; in English where we have none."""

from collections.abc import Sequence

from django.utils import translation
from django.utils.translation import gettext, pgettext

from twinhood.documents.core.capacity import Capacity
from twinhood.documents.core.paper import Paper, Words
from twinhood.documents.core.typesetting import Setting
from twinhood.kit.dates import long_date


def setting_of(paper: Paper, *, code: str, check_url: str) -> Setting:
    """What we add to a paper."""
    by_language = {language: _labels(language) for language in paper.languages}
    names = next(iter(by_language.values()))
    return Setting(
        code=code,
        check_url=check_url,
        labels={name: {lang: said[name] for lang, said in by_language.items()} for name in names},
        terms=[_term(place.capacity, paper.languages) for place in paper.places],
    )


def _labels(language: str) -> dict[str, str]:
    with translation.override(language):
        return {
            "specimen": gettext("Specimen"),
            "capacities": gettext("Capacities and legal bases"),
            "name": gettext("Name"),
            "office": gettext("Office"),
            "legal_basis": gettext("Legal basis"),
            "act": pgettext("a decree or a decision", "Act"),
            "term": gettext("Term of office"),
            "by_hand": gettext("Signatures by hand"),
            "signatures": gettext("Signatures"),
            "signature_of": gettext("Signature"),
            "check": gettext(
                "Anybody can check this paper and its signatures: by the square here, by the"
                " address beside it, or by any program that reads signed PDFs."
            ),
            "version": gettext("Version of the text"),
        }


def _term(capacity: Capacity, languages: Sequence[str]) -> Words:
    return {language: term_words(capacity, language) for language in languages}


def term_words(capacity: Capacity, language: str) -> str:
    """From when to when the office is held."""
    with translation.override(language):
        slots = {"first": long_date(capacity.from_date, language)}
        if capacity.until_date is None:
            return gettext("since %(first)s") % slots
        slots["last"] = long_date(capacity.until_date, language)
        return gettext("from %(first)s until %(last)s") % slots


def stamp_lines(*, moment: str, certificate_sha256: str, code: str, language: str) -> list[str]:
    """What stands in the box of a signature below name and office."""
    with translation.override(language):
        return [
            gettext("Signed %(moment)s") % {"moment": moment},
            gettext("Certificate %(digits)s…") % {"digits": certificate_sha256[:16]},
            gettext("Check: %(code)s") % {"code": code},
        ]
