"""What stands in a PDF besides signatures, read by a second parser (qpdf's).

Two parsers that see two different papers in one file are the trick of many forgeries; and what
can act, hide or be filled in has no place in a paper that is to stay as it was signed.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256

import pikepdf

OBJECTS_MAX = 100_000

_ACTIONS = frozenset(
    {
        "/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/ResetForm", "/GoToR", "/GoToE",
        "/Rendition", "/Movie", "/Sound", "/Hide", "/SetOCGState", "/Trans", "/GoTo3DView",
        "/RichMediaExecute", "/Thread",
    }
)  # fmt: skip
_ANNOTATIONS = frozenset({"/FileAttachment", "/Screen", "/Movie", "/RichMedia", "/3D", "/Sound"})
_KEYS = {
    "/JS": "JavaScript",
    "/JavaScript": "JavaScript",
    "/OpenAction": "OpenAction",
    "/AA": "AA",
    "/XFA": "XFA",
    "/EmbeddedFiles": "EmbeddedFiles",
    "/EF": "EmbeddedFiles",
    "/FFilter": "external stream",
    "/RichMediaContent": "RichMedia",
}


# As element or as attribute: `<pdfaid:part>2</pdfaid:part>`, `pdfaid:part="2"`.
_PDF_A = (b"part", b"conformance")


class NoPaper(Exception):
    """qpdf cannot read it. ``why`` is `encrypted`, `too-many` or `damaged`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Contents:
    """What qpdf saw: pages by the SHA-256 of what they draw, and what should not be there."""

    pages: tuple[str, ...]
    active: tuple[str, ...]
    hidden: tuple[str, ...]
    claims: str
    breaks: tuple[str, ...] = field(default=())
    """How it falls short of the PDF/A that it claims to be."""


def contents_of(data: bytes) -> Contents:
    """Read the whole file once. Raises NoPaper."""
    try:
        with pikepdf.open(io.BytesIO(data), attempt_recovery=False, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise NoPaper("encrypted")
            if len(pdf.objects) > OBJECTS_MAX:
                raise NoPaper("too-many")
            found = _Found()
            for one in pdf.objects:
                found.look_at(one)
            pages = tuple(page_digest(_streams(page.obj)) for page in pdf.pages)
            claims = _claims(pdf)
            breaks = tuple(_breaks(pdf, claims, found)) if claims else ()
            if pdf.get_warnings():
                raise NoPaper("damaged")
    except pikepdf.PasswordError as problem:
        raise NoPaper("encrypted") from problem
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, AttributeError) as problem:
        raise NoPaper("damaged") from problem
    return Contents(pages, tuple(sorted(found.active)), tuple(sorted(found.hidden)), claims, breaks)


def page_digest(streams: Iterator[bytes]) -> str:
    """One value for what a page draws, from its content streams as they stand in the file."""
    return sha256(b"\0".join(sha256(one).digest() for one in streams)).hexdigest()


def _streams(page: pikepdf.Object) -> Iterator[bytes]:
    content = page.get("/Contents")
    if isinstance(content, pikepdf.Array):
        yield from (bytes(one.read_raw_bytes()) for one in content)
    elif content is not None:
        yield bytes(content.read_raw_bytes())


class _Found:
    def __init__(self) -> None:
        self.active: set[str] = set()
        self.hidden: set[str] = set()
        self.fonts_outside: set[str] = set()

    def look_at(self, one: pikepdf.Object) -> None:
        """Look at an indirect object and at all direct ones inside it."""
        waiting = [one]
        while waiting:
            here = waiting.pop()
            if isinstance(here, pikepdf.Array):
                waiting += (item for item in here if not getattr(item, "is_indirect", True))
            elif isinstance(here, pikepdf.Dictionary | pikepdf.Stream):
                items = dict(here.items())
                self._look_in(items)
                waiting += (
                    value for value in items.values() if not getattr(value, "is_indirect", True)
                )

    def _look_in(self, items: dict[str, pikepdf.Object]) -> None:
        for key, name in _KEYS.items():
            if key in items:
                self.active.add(name)
        kind, action = str(items.get("/Subtype", "")), items.get("/S")
        if isinstance(action, pikepdf.Name) and str(action) in _ACTIONS:
            self.active.add(str(action)[1:])
        if kind in _ANNOTATIONS:
            self.active.add(kind[1:])
        if "/OCProperties" in items:
            self.hidden.add("OCProperties")
        if str(items.get("/Type", "")) == "/Font" and kind not in ("/Type0", "/Type3"):
            self._look_at_font(items)

    def _look_at_font(self, items: dict[str, pikepdf.Object]) -> None:
        descriptor = items.get("/FontDescriptor")
        files = ("/FontFile", "/FontFile2", "/FontFile3")
        if descriptor is None or not any(name in descriptor for name in files):
            self.fonts_outside.add(str(items.get("/BaseFont", "?"))[1:])


def _claims(pdf: pikepdf.Pdf) -> str:
    """The part of PDF/A that the file says it conforms to, like `2A`; empty for none."""
    if "/Metadata" not in pdf.Root:
        return ""
    words = bytes(pdf.Root.Metadata.read_bytes())
    found = [re.search(rb"pdfaid:%s\W{1,4}(\w)" % name, words) for name in _PDF_A]
    return "".join(one[1].decode("ascii", "replace") for one in found if one)


def _breaks(pdf: pikepdf.Pdf, claims: str, found: _Found) -> Iterator[str]:
    """Facts only: nobody here can judge all of PDF/A (ISO 19005)."""
    if "/OutputIntents" not in pdf.Root:
        yield "OutputIntent"
    if found.fonts_outside:
        yield "fonts"
    if claims.endswith("A") and "/StructTreeRoot" not in pdf.Root:
        yield "StructTreeRoot"
    if found.active:
        yield "actions"
