"""Translations are compiled without tools of the system, and only when they changed."""

import gettext
import os
from pathlib import Path

from twinhood.ops.translations import compile_all

PO = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=4; plural=(n%1==0 && n%10==1 && n%100!=11 ? 0 : n%1==0 && n%10>=2 "
"&& n%10<=4 && (n%100<12 || n%100>14) ? 1 : n%1==0 && (n%10==0 || (n%10>=5 && n%10<=9) || "
"(n%100>=11 && n%100<=14)) ? 2 : 3);\\n"

msgid "Give"
msgstr "Внести"

#, fuzzy
msgid "Trace"
msgstr "Щось інше"

msgid "%(count)s gift"
msgid_plural "%(count)s gifts"
msgstr[0] "%(count)s внесок"
msgstr[1] "%(count)s внески"
msgstr[2] "%(count)s внесків"
msgstr[3] "%(count)s внеску"
"""


def a_translation(folder: Path) -> Path:
    po = folder / "uk" / "LC_MESSAGES" / "django.po"
    po.parent.mkdir(parents=True)
    po.write_text(PO, encoding="utf-8")
    return po


def test_what_translators_wrote_is_what_pages_say(tmp_path: Path) -> None:
    po = a_translation(tmp_path)

    compile_all(tmp_path)

    with po.with_suffix(".mo").open("rb") as compiled:
        words = gettext.GNUTranslations(compiled)
    assert words.gettext("Give") == "Внести"
    assert words.gettext("Trace") == "Trace", "a guess that nobody confirmed is not shown"
    several = [words.ngettext("%(count)s gift", "%(count)s gifts", n) for n in (1, 3, 5, 21)]
    assert [text.split()[1] for text in several] == ["внесок", "внески", "внесків", "внесок"]


def test_a_second_time_there_is_nothing_to_do(tmp_path: Path) -> None:
    po = a_translation(tmp_path)

    first, second = compile_all(tmp_path), compile_all(tmp_path)
    later = po.with_suffix(".mo").stat().st_mtime_ns + 10**9
    os.utime(po, ns=(later, later))
    third = compile_all(tmp_path)

    assert [first, second, third] == [[po], [], [po]]
