"""Labels for things: a sheet of them as a tagged PDF, each with the square of its page."""

import io
import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import segno
import typst

from twinhood.documents.core.typesetting import LAYOUTS, NotTypeset
from twinhood.documents.core.unfit import unfit


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on one label, by language: the thing, who gave it, what its page tells."""

    url: str
    names: Mapping[str, str]
    given: Mapping[str, str]
    more: Mapping[str, str]


def sheet(labels: Sequence[Label], *, title: str, language: str) -> bytes:
    """The labels on sheets of eight; the same labels give the same bytes. Raises NotTypeset."""
    for where, label in enumerate(labels, 1):
        for text in (*label.names.values(), *label.given.values(), *label.more.values()):
            if found := unfit(text):
                raise NotTypeset(str(where), found)
    data = {"title": title, "language": language, "labels": [_drawn(one) for one in labels]}
    compiler = typst.Compiler(
        str(LAYOUTS / "labels.typ"), root=str(LAYOUTS), ignore_system_fonts=True
    )
    made = compiler.compile(
        format="pdf",
        sys_inputs={"labels": unicodedata.normalize("NFC", json.dumps(data, ensure_ascii=False))},
        pdf_standards=["ua-1"],
        timestamp=0,
    )
    if not isinstance(made, bytes):
        raise TypeError(type(made).__name__)
    return made


def _drawn(label: Label) -> dict[str, object]:
    square = io.BytesIO()
    segno.make(label.url, error="q").save(square, kind="svg", scale=4)
    return {
        "url": label.url,
        "shown": label.url.partition("://")[2],
        "qr": square.getvalue().decode(),
        "names": list(label.names.items()),
        "given": list(label.given.items()),
        "more": list(label.more.items()),
    }
