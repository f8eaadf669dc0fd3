"""From a paper to the frozen PDF: tagged, PDF/A-2a and PDF/UA-1, with empty fields to sign.

Typst sets the pages (`typst/paper.typ`); a field is put over each box that it left. The same paper
and setting give the same bytes.
"""

import io
import json
import threading
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pikepdf
import segno
import typst

from twinhood.documents.core.paper import Paper, SignaturePlace, Words, to_json
from twinhood.documents.core.unfit import Unfit, unfit

# What layouts may read: one another's parts, in the folders of the rooms.
ROOMS = Path(__file__).resolve().parents[2]
LAYOUTS = Path(__file__).resolve().parent.parent / "typst"
PAPER, STAMP = LAYOUTS / "paper.typ", LAYOUTS / "stamp.typ"
STANDARDS = ["a-2a", "ua-1"]
# The box of a signature in paper.typ, in points.
BOX_WIDTH = 76 / 25.4 * 72
BOX_HEIGHT = 31 / 25.4 * 72
CODE_GROUP = 5
ARTICLES_MAX = 300
TEXT_LENGTH_MAX = 400_000
_own = threading.local()


@dataclass(frozen=True, slots=True)
class Setting:
    """What we add to a paper: its code, where it is checked, and our own words by language.

    One that is only printed, to be signed by hand, has no address. `labels` has a text in each
    language of the paper for each name in `LABELS`; `terms` one for each place, in order.
    """

    code: str
    check_url: str
    labels: Mapping[str, Words]
    terms: Sequence[Words]


LABELS = (
    "specimen",
    "capacities",
    "name",
    "office",
    "legal_basis",
    "act",
    "term",
    "by_hand",
    "signatures",
    "signature_of",
    "check",
    "version",
)


class NotTypeset(ValueError):
    """A text cannot stand on a paper; `where` is its path in the paper, such as articles.3."""

    def __init__(self, where: str, unfit: Unfit) -> None:
        super().__init__(f"{where}: {unfit.code_point}")
        self.where = where
        self.unfit = unfit


class TooLong(ValueError):
    """More articles, or more text, than one paper holds."""


def shown(code: str) -> str:
    """A code as people read it aloud: in groups."""
    groups = [code[start : start + CODE_GROUP] for start in range(0, len(code), CODE_GROUP)]
    return "-".join(groups)


def check(paper: Paper) -> None:
    """Raises NotTypeset for the first text that cannot stand on a paper, TooLong."""
    texts = list(_texts(to_json(paper), ""))
    if len(paper.articles) > ARTICLES_MAX or sum(len(t) for _, t in texts) > TEXT_LENGTH_MAX:
        raise TooLong
    for where, text in texts:
        if found := unfit(text):
            raise NotTypeset(where, found)


def _texts(value: Any, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
        return
    if isinstance(value, Mapping):
        pairs: Sequence[tuple[Any, Any]] = list(value.items())
    else:
        pairs = list(enumerate(value, 1)) if isinstance(value, list) else []
    for key, inner in pairs:
        yield from _texts(inner, f"{where}.{key}" if where else str(key))


def typeset(paper: Paper, setting: Setting) -> bytes:
    """The frozen PDF. Raises NotTypeset, TooLong."""
    check(paper)
    pages = pages_of(paper, setting)
    found = json.loads(str(compiler(PAPER).query("<slot>")))
    boxes = {one["value"]["field"]: one["value"] for one in found}
    return _with_fields(pages, paper.places, boxes, setting.labels["signature_of"])


def pages_of(paper: Paper, setting: Setting) -> bytes:
    """The pages as Typst sets them, before there are fields."""
    data = _data(paper, setting)
    return set_pages(PAPER, data, at=noon_of(paper.dated), standards=STANDARDS)


# --- what every room's layouts have in common


def set_pages(
    layout: Path,
    data: Mapping[str, Any],
    *,
    at: int = 0,
    standards: Sequence[str] = (),
    has_tags: bool = True,
    any_font: bool = False,
) -> bytes:
    """The PDF of a layout, a Typst file that reads `data` as JSON under the file's own name.

    Nothing of the data is read as markup; the same data give the same bytes. `at` is the second
    (Unix, UTC) that stands in it as its making; with `any_font` signs that the layout's own fonts
    lack are taken from what is installed.
    """
    told = json.dumps(data, ensure_ascii=False, sort_keys=True)
    made = compiler(layout, any_font=any_font).compile(
        format="pdf",
        sys_inputs={layout.stem: unicodedata.normalize("NFC", told)},
        pdf_standards=list(standards),  # type: ignore[arg-type]
        pdf_tags=has_tags,
        timestamp=at,
    )
    if not isinstance(made, bytes):
        raise TypeError(type(made).__name__)
    return made


def noon_of(day: date) -> int:
    """Noon of a day in UTC, in seconds: when a paper of that day was made."""
    return (day.toordinal() - date(1970, 1, 1).toordinal()) * 86_400 + 43_200


def square_of(address: str) -> str:
    """The QR code of an address, as SVG."""
    drawn = io.BytesIO()
    segno.make(address, error="q").save(drawn, kind="svg", scale=4)
    return drawn.getvalue().decode()


def where_to_check(code: str, url: str, words: Words) -> dict[str, Any]:
    """What `typst/check.typ` shows: the square, the code, and `words` in their languages."""
    return {
        "qr": square_of(url),
        "code": shown(code),
        "url": url,
        "words": list(words.items()),
    }


def compiler(layout: Path, *, any_font: bool = False) -> typst.Compiler:
    """This thread's own: it keeps fonts and layouts between papers."""
    if not hasattr(_own, "compilers"):
        _own.compilers = {}
    kept: dict[Path, typst.Compiler] = _own.compilers
    if layout not in kept:
        kept[layout] = typst.Compiler(
            str(layout), root=str(ROOMS), ignore_system_fonts=not any_font
        )
    return kept[layout]


def _data(paper: Paper, setting: Setting) -> dict[str, Any]:
    data = to_json(paper)
    for place, term in zip(data["places"], setting.terms, strict=True):
        place["term"] = dict(term)
    return data | {
        "kind": data.pop("kind_words"),
        "dated": [paper.dated.year, paper.dated.month, paper.dated.day],
        "specimen": data.pop("is_specimen"),
        "labels": {name: dict(words) for name, words in setting.labels.items()},
        "code_shown": shown(setting.code),
        "check_url": setting.check_url,
        "check_shown": setting.check_url.partition("://")[2],
        "qr": square_of(setting.check_url) if setting.check_url else "",
    }


def _with_fields(
    pages: bytes, places: Sequence[SignaturePlace], boxes: Mapping[str, Any], called: Words
) -> bytes:
    """Put an empty, tagged field of each place over its box."""
    with pikepdf.open(io.BytesIO(pages)) as pdf:
        tree = pdf.Root.StructTreeRoot
        fields = [_field(pdf, tree, place, boxes[place.field], called) for place in places]
        pdf.Root.AcroForm = pdf.make_indirect(
            pikepdf.Dictionary(Fields=pikepdf.Array(fields), SigFlags=3)
        )
        # False is what is assumed anyway, and poppler stumbles over it.
        if "/Suspects" in pdf.Root.MarkInfo:
            del pdf.Root.MarkInfo.Suspects
        saved = io.BytesIO()
        pdf.save(
            saved,
            deterministic_id=True,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            preserve_pdfa=True,
            fix_metadata_version=False,
        )
        return saved.getvalue()


def _field(
    pdf: pikepdf.Pdf, tree: Any, place: SignaturePlace, box: Mapping[str, Any], called: Words
) -> Any:
    """One empty field with its widget, and its element in the structure of the document."""
    page = pdf.pages[box["page"] - 1]
    top = float(page.MediaBox[3]) - box["y"]
    corners = [box["x"], top - BOX_HEIGHT, box["x"] + BOX_WIDTH, top]
    name = " · ".join(f"{label}: {place.party[code]}" for code, label in called.items())
    empty = pdf.make_stream(b"", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Form)
    empty.BBox = pikepdf.Array([0, 0, round(BOX_WIDTH, 2), round(BOX_HEIGHT, 2)])
    field = pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Widget,
            FT=pikepdf.Name.Sig,
            T=place.field,
            TU=name,
            F=132,  # is printed, and stays where it is
            Rect=pikepdf.Array([round(corner, 2) for corner in corners]),
            P=page.obj,
            AP=pikepdf.Dictionary(N=empty),
        )
    )
    if "/Annots" not in page:
        page.Annots = pikepdf.Array()
    page.Annots.append(field)
    page.Tabs = pikepdf.Name.S
    _tag(pdf, tree, page, field, name)
    return field


def _tag(pdf: pikepdf.Pdf, tree: Any, page: Any, field: Any, name: str) -> None:
    """Name the field in the structure tree: a Form that holds the widget (ISO 14289-1, 7.18.4)."""
    document = tree.K[0] if isinstance(tree.K, pikepdf.Array) else tree.K
    kids = document.K if isinstance(document.K, pikepdf.Array) else pikepdf.Array([document.K])
    element = pdf.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.StructElem,
            S=pikepdf.Name.Form,
            P=document,
            Pg=page.obj,
            Alt=name,
            K=pikepdf.Dictionary(Type=pikepdf.Name.OBJR, Obj=field, Pg=page.obj),
        )
    )
    kids.append(element)
    document.K = kids
    parents = pikepdf.NumberTree(tree.ParentTree)
    key = max(parents, default=-1) + 1
    parents[key] = element
    tree.ParentTreeNextKey = key + 1
    field.StructParent = key


@dataclass(frozen=True, slots=True)
class Stamp:
    """What is shown in the box of a signature: who, as what, and some lines of facts."""

    name: str
    office: str
    lines: Sequence[str]
    # SHA-256 of the certificate: the seal grows out of it.
    certificate_sha256: str


def stamp(facts: Stamp) -> bytes:
    """A page of the size of the box. Raises NotTypeset."""
    for where, text in [("name", facts.name), ("office", facts.office), *enumerate(facts.lines)]:
        if found := unfit(text):
            raise NotTypeset(str(where), found)
    data = {
        "name": facts.name,
        "office": facts.office,
        "lines": list(facts.lines),
        "rays": [int(digit, 16) for digit in facts.certificate_sha256[:12]],
    }
    return set_pages(STAMP, data, standards=["a-2b"], has_tags=False)
