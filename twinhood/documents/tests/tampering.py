"""Ways to alter a signed paper. Each gives files that must never be called good.

An *update* is appended as PDF allows it, so the signed bytes stay what they were. Each update is
made twice: as it is, and with a good timestamp on top, which makes it no better.
"""

import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import pikepdf
from asn1crypto import cms, core
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name as name
from pyhanko.pdf_utils.generic import pdf_string as string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigFieldSpec, append_signature_field

from twinhood.documents.tests import signed_papers as papers
from twinhood.documents.tests.signed_papers import NOW, World

type Edit = Callable[[IncrementalPdfFileWriter], None]

# What the verdict may rest on when the paper itself was altered in an update.
CHANGED = frozenset({"changed", "structure", "active", "broken", "labels"})


PLACED = frozenset({"foreign-place", "changed"})


@dataclass(frozen=True)
class Altered:
    """A file, how it came about, and the checks one of which must decide against it."""

    how: str
    data: bytes
    decisive: frozenset[str]


def updated(paper: bytes, edit: Edit) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(paper), strict=False)
    edit(writer)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


# --- what is drawn ---------------------------------------------------------------------------


def _page(writer: IncrementalPdfFileWriter, number: int = 0) -> generic.DictionaryObject:
    page: generic.DictionaryObject = writer.find_page_for_modification(number)[0].get_object()
    writer.update_container(page)
    return page


def _stream(writer: IncrementalPdfFileWriter, text: bytes) -> generic.IndirectObject:
    return writer.add_object(generic.StreamObject(stream_data=text))


def overlay(writer: IncrementalPdfFileWriter) -> None:
    page = _page(writer)
    page["/Contents"] = generic.ArrayObject(
        [page.raw_get("/Contents"), _stream(writer, b"0 0 200 200 re f")]
    )


def other_content(writer: IncrementalPdfFileWriter) -> None:
    _page(writer)["/Contents"] = _stream(writer, b"BT (The cities owe each other nothing) Tj ET")


def content_in_place(writer: IncrementalPdfFileWriter) -> None:
    stream = _page(writer)["/Contents"]
    stream._data, stream._encoded_data = b"q Q", None
    writer.update_container(stream)


def smaller_page(writer: IncrementalPdfFileWriter) -> None:
    _page(writer)["/CropBox"] = generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 9, 9)])


def turned_page(writer: IncrementalPdfFileWriter) -> None:
    _page(writer)["/Rotate"] = generic.NumberObject(180)


def pages_swapped(writer: IncrementalPdfFileWriter) -> None:
    kids = writer.root["/Pages"]["/Kids"]
    kids.reverse()
    writer.update_container(kids)


def page_gone(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    pages["/Kids"].pop()
    pages["/Count"] = generic.NumberObject(1)
    writer.update_container(pages)


def page_more(writer: IncrementalPdfFileWriter) -> None:
    pages = writer.root["/Pages"]
    pages["/Kids"].append(pages["/Kids"].raw_get(0))
    pages["/Count"] = generic.NumberObject(3)
    writer.update_container(pages)


def other_pages(writer: IncrementalPdfFileWriter) -> None:
    """Hide and replace: the catalog now names another tree of pages."""
    box = generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 300, 300)])
    page = generic.DictionaryObject(
        {name("/Type"): name("/Page"), name("/MediaBox"): box,
         name("/Contents"): _stream(writer, b"0 0 9 9 re f")}
    )  # fmt: skip
    reference = writer.add_object(page)
    tree = generic.DictionaryObject(
        {name("/Type"): name("/Pages"), name("/Count"): generic.NumberObject(1),
         name("/Kids"): generic.ArrayObject([reference])}
    )  # fmt: skip
    writer.root["/Pages"] = page["/Parent"] = writer.add_object(tree)
    writer.update_root()


def other_fonts(writer: IncrementalPdfFileWriter) -> None:
    _page(writer)["/Resources"] = generic.DictionaryObject(
        {name("/Font"): generic.DictionaryObject()}
    )


# --- notes, fields, stamps -------------------------------------------------------------------


def _annotation(kind: str, **more: generic.PdfObject) -> Edit:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        box = generic.ArrayObject([generic.NumberObject(n) for n in (20, 20, 200, 90)])
        note = generic.DictionaryObject(
            {name("/Type"): name("/Annot"), name("/Subtype"): name(kind), name("/Rect"): box,
             name("/Contents"): string("Void.")}
        )  # fmt: skip
        note.update({name(f"/{key}"): value for key, value in more.items()})
        page = _page(writer)
        page.setdefault(name("/Annots"), generic.ArrayObject())
        notes = page["/Annots"]
        notes.append(writer.add_object(note))
        writer.update_container(notes)

    return edit


def notes_gone(writer: IncrementalPdfFileWriter) -> None:
    _page(writer)["/Annots"] = generic.ArrayObject()


def _fields(writer: IncrementalPdfFileWriter) -> generic.ArrayObject:
    fields: generic.ArrayObject = writer.root["/AcroForm"]["/Fields"]
    writer.update_container(fields)
    return fields


def field_gone(writer: IncrementalPdfFileWriter) -> None:
    _fields(writer).pop(0)


def field_renamed(writer: IncrementalPdfFileWriter) -> None:
    field = _fields(writer)[0]
    field["/T"] = string("volgograd")
    writer.update_container(field)


def field_moved(writer: IncrementalPdfFileWriter) -> None:
    field = _fields(writer)[0]
    field["/Rect"] = generic.ArrayObject([generic.NumberObject(n) for n in (0, 0, 400, 400)])
    writer.update_container(field)


def stamp_redrawn(writer: IncrementalPdfFileWriter) -> None:
    field = _fields(writer)[0]
    field["/AP"] = generic.DictionaryObject({name("/N"): _stream(writer, b"0 0 400 400 re f")})
    writer.update_container(field)


def signature_emptied(writer: IncrementalPdfFileWriter) -> None:
    field = _fields(writer)[0]
    del field["/V"]
    writer.update_container(field)


def signatures_exchanged(writer: IncrementalPdfFileWriter) -> None:
    fields = _fields(writer)
    first, second = fields[0], fields[1]
    first["/V"], second["/V"] = second.raw_get("/V"), first.raw_get("/V")
    writer.update_container(first)
    writer.update_container(second)


def text_field(writer: IncrementalPdfFileWriter) -> None:
    field = generic.DictionaryObject(
        {name("/FT"): name("/Tx"), name("/T"): string("sum"), name("/V"): string("1 000 000")}
    )
    _fields(writer).append(writer.add_object(field))


def range_widened(writer: IncrementalPdfFileWriter) -> None:
    """The signature's object is written again, and leaves out another part of the file."""
    value = _fields(writer)[0]["/V"]
    start, first, second, length = value["/ByteRange"]
    value["/ByteRange"] = generic.ArrayObject(
        [generic.NumberObject(n) for n in (start, first - 100, second + 100, length - 100)]
    )
    writer.update_container(value)


def contents_gone(writer: IncrementalPdfFileWriter) -> None:
    value = _fields(writer)[0]["/V"]
    del value["/Contents"]
    writer.update_container(value)


def contents_null(writer: IncrementalPdfFileWriter) -> None:
    value = _fields(writer)[0]["/V"]
    value["/Contents"] = generic.ByteStringObject(b"\0")
    writer.update_container(value)


def range_gone(writer: IncrementalPdfFileWriter) -> None:
    value = _fields(writer)[0]["/V"]
    del value["/ByteRange"]
    writer.update_container(value)


def range_negative(writer: IncrementalPdfFileWriter) -> None:
    value = _fields(writer)[0]["/V"]
    value["/ByteRange"] = generic.ArrayObject([generic.NumberObject(n) for n in (0, -1, 9, -9)])
    writer.update_container(value)


# --- what acts, hides or is attached ----------------------------------------------------------


def _catalog(key: str, value: Callable[[IncrementalPdfFileWriter], generic.PdfObject]) -> Edit:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        writer.root[key] = value(writer)
        writer.update_root()

    return edit


def _script(writer: IncrementalPdfFileWriter) -> generic.PdfObject:
    return generic.DictionaryObject(
        {name("/S"): name("/JavaScript"), name("/JS"): string("app.alert(1)")}
    )


def _launch(writer: IncrementalPdfFileWriter) -> generic.PdfObject:
    return generic.DictionaryObject({name("/S"): name("/Launch"), name("/F"): string("a.exe")})


def _attached(writer: IncrementalPdfFileWriter) -> generic.PdfObject:
    spec = generic.DictionaryObject(
        {name("/Type"): name("/Filespec"), name("/F"): string("a.txt"),
         name("/EF"): generic.DictionaryObject({name("/F"): _stream(writer, b"a")})}
    )  # fmt: skip
    files = generic.DictionaryObject(
        {name("/Names"): generic.ArrayObject([string("a.txt"), writer.add_object(spec)])}
    )
    return generic.DictionaryObject({name("/EmbeddedFiles"): files})


def _layers(writer: IncrementalPdfFileWriter) -> generic.PdfObject:
    layer = writer.add_object(
        generic.DictionaryObject({name("/Type"): name("/OCG"), name("/Name"): string("a")})
    )
    return generic.DictionaryObject(
        {name("/OCGs"): generic.ArrayObject([layer]), name("/D"): generic.DictionaryObject()}
    )


def _xfa(writer: IncrementalPdfFileWriter) -> None:
    form = writer.root["/AcroForm"]
    form["/XFA"] = _stream(writer, b"<xdp/>")
    writer.update_container(form)


def title(writer: IncrementalPdfFileWriter) -> None:
    writer.set_info(generic.DictionaryObject({name("/Title"): string("Another paper altogether")}))


def metadata(writer: IncrementalPdfFileWriter) -> None:
    stream = writer.root["/Metadata"]
    stream._data = stream.data.replace(b"Sister cities", b"Rival cities!")
    stream._encoded_data = None
    writer.update_container(stream)


def language(writer: IncrementalPdfFileWriter) -> None:
    writer.root["/Lang"] = string("ru")
    writer.update_root()


UPDATES: dict[str, Edit] = {
    "an overlay": overlay,
    "other content": other_content,
    "content written in place": content_in_place,
    "a page cut smaller": smaller_page,
    "a page turned": turned_page,
    "pages swapped": pages_swapped,
    "a page taken away": page_gone,
    "a page twice": page_more,
    "another tree of pages": other_pages,
    "other fonts": other_fonts,
    "a note on the page": _annotation("/FreeText"),
    "a stamp on the page": _annotation("/Stamp"),
    "a highlight": _annotation("/Highlight"),
    "a redaction": _annotation("/Redact"),
    "a link": _annotation("/Link"),
    "a widget of nothing": _annotation("/Widget"),
    "an attached file on the page": _annotation("/FileAttachment"),
    "annotations taken away": notes_gone,
    "a field taken away": field_gone,
    "a field renamed": field_renamed,
    "a field moved": field_moved,
    "a stamp redrawn": stamp_redrawn,
    "a signature emptied": signature_emptied,
    "signatures exchanged": signatures_exchanged,
    "a text field": text_field,
    "a wider gap": range_widened,
    "no contents": contents_gone,
    "empty contents": contents_null,
    "no byte range": range_gone,
    "a negative byte range": range_negative,
    "a script when opened": _catalog("/OpenAction", _script),
    "a program when opened": _catalog("/OpenAction", _launch),
    "an action of the catalog": _catalog("/AA", _script),
    "an attached file": _catalog("/Names", _attached),
    "layers": _catalog("/OCProperties", _layers),
    "a form of XFA": _xfa,
    "another title": title,
    "other metadata": metadata,
    "another language": language,
}


def updates(paper: bytes, world: World) -> Iterator[Altered]:
    for how, edit in UPDATES.items():
        data = updated(paper, edit)
        yield Altered(how, data, CHANGED)
        yield Altered(f"{how}, timestamped", papers.stamped(data, world, NOW), CHANGED)


# --- the bytes around ------------------------------------------------------------------------


def frames(paper: bytes, other: bytes) -> Iterator[Altered]:
    """Cut, lengthen, double, rewrite: the file as a whole."""
    structure = frozenset({"structure"})
    yield Altered("empty", b"", frozenset({"empty"}))
    yield Altered("no PDF", b"GIF89a" + paper, frozenset({"not-pdf"}))
    yield Altered("a letter before", b" " + paper, frozenset({"not-pdf"}))
    for part in (2, 3, 10, 50):
        cut = paper[: len(paper) - len(paper) // part]
        yield Altered(f"cut by a {part}th", cut, frozenset({"truncated", "unreadable", "damaged"}))
    yield Altered("cut by the end mark", paper[:-7], frozenset({"truncated"}))
    # A paper cut at the end of a revision is that revision: without the timestamp over all of it
    # nothing shows that the evidence was not added by somebody else.
    ends = [found.end() for found in re.finditer(rb"%%EOF\n?", paper)]
    kinds = ("unsigned", "unsigned", "slots", "slots", "", "uncovered")
    for end, kind in zip(ends, kinds, strict=False):
        if kind:
            yield Altered(f"cut to {kind}", paper[:end], frozenset({kind}))
    for tail in (b"\n", b" ", b"\0" * 40, b"%%EOF\n", b"startxref\n15\n%%EOF\n", paper[-200:]):
        yield Altered(
            f"with {tail[:12]!r} behind", paper + tail, structure | {"damaged", "uncovered"}
        )
    yield Altered("sewn to another", other + paper, structure | {"broken", "damaged"})
    yield Altered(
        "sewn to another, behind", paper + other, structure | {"broken", "damaged", "kept"}
    )
    broken = frozenset({"broken", "damaged", "byte-range"})
    for mode in (
        {},
        {"linearize": True},
        {"object_stream_mode": pikepdf.ObjectStreamMode.generate},
    ):
        output = io.BytesIO()
        with pikepdf.open(io.BytesIO(paper)) as pdf:
            pdf.save(output, **mode)
        yield Altered(f"saved anew {mode}", output.getvalue(), broken | {"unsigned", "order"})
    output = io.BytesIO()
    with pikepdf.open(io.BytesIO(paper)) as pdf:
        pdf.save(output, encryption=pikepdf.Encryption(owner="a", user=""))
    yield Altered("encrypted", output.getvalue(), frozenset({"encrypted"}))


# --- the container of the last signature --------------------------------------------------------


def last_gap(paper: bytes) -> tuple[int, int]:
    """Where the digits of the last container begin and end."""
    begins = paper.rindex(b"/Contents <") + len(b"/Contents <")
    return begins, paper.index(b">", begins)


def _with_container(paper: bytes, container: bytes) -> bytes:
    begins, ends = last_gap(paper)
    digits = container.hex().encode().ljust(ends - begins, b"0")
    assert len(digits) == ends - begins
    return paper[:begins] + digits + paper[ends:]


_LOOSE, _BROKEN = frozenset({"loose"}), frozenset({"broken"})


def containers(paper: bytes, world: World, other: bytes) -> Iterator[Altered]:
    """What the last signature itself does not cover."""
    yield from _digits(paper)
    for how, container, decisive in (*_bags(paper, world), *_forgeries(paper, other)):
        yield Altered(how, _with_container(paper, container), decisive)


def _digits(paper: bytes) -> Iterator[Altered]:
    begins, ends = last_gap(paper)
    digits = paper[begins:ends]
    one = re.search(rb"[a-f]", digits)
    assert one is not None
    at = begins + one.start()
    yield Altered("large digits", paper[:begins] + digits.upper() + paper[ends:], _LOOSE)
    yield Altered("one large digit", paper[:at] + one[0].upper() + paper[at + 1 :], _LOOSE)
    yield Altered("one bit of padding", paper[: ends - 1] + b"1" + paper[ends:], _LOOSE)
    yield Altered("a text in the padding", paper[: ends - 8] + b"deadbeef" + paper[ends:], _LOOSE)
    unread = frozenset({"byte-range", "damaged", "changed"})
    yield Altered("a space among digits", paper[: ends - 2] + b"  " + paper[ends:], unread)


def _container(paper: bytes) -> bytes:
    return bytes.fromhex(paper[slice(*last_gap(paper))].decode()).rstrip(b"\0")


type Part = tuple[str, bytes, frozenset[str]]


def _bags(paper: bytes, world: World) -> Iterator[Part]:
    """The container with parts that the signature in it does not bind."""

    def with_more(how: str, edit: Callable[[cms.SignedData], object]) -> Part:
        value = cms.ContentInfo.load(_container(paper))
        edit(value["content"])
        return how, value.dump(force=True), _LOOSE

    def unsigned(signed: cms.SignedData) -> None:
        signed["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes(
            [cms.CMSAttribute({"type": "1.2.3.4", "values": [core.OctetString(b"hello")]})]
        )

    def listed(signed: cms.SignedData) -> None:
        one = cms.RevocationInfoChoice.load(world.crls[0])
        signed["crls"] = cms.RevocationInfoChoices([one])

    def other_root(signed: cms.SignedData) -> None:
        for number, choice in enumerate(signed["certificates"]):
            if choice.chosen.subject == choice.chosen.issuer:
                bits = bytearray(choice.chosen.dump())
                bits[-1] ^= 1
                root = type(choice.chosen).load(bytes(bits))
                signed["certificates"][number] = cms.CertificateChoices("certificate", root)

    def other_capitals(signed: cms.SignedData) -> None:
        sid = signed["signer_infos"][0]["sid"]
        sid.chosen["issuer"] = papers.certified(papers.named("demo, root of time")).asn1.subject

    one_more = cms.CertificateChoices("certificate", world.stamford.asn1)
    yield with_more("a certificate more", lambda it: it["certificates"].append(one_more))
    yield with_more("a root with another bit", other_root)
    yield with_more("an unsigned attribute", unsigned)
    yield with_more("revocation data in the bag", listed)
    yield with_more("another version", lambda it: it.__setitem__("version", "v5"))
    yield with_more(
        "more algorithms", lambda it: it["digest_algorithms"].append({"algorithm": "sha512"})
    )
    yield with_more("the issuer in small letters", other_capitals)


def _forgeries(paper: bytes, other: bytes) -> Iterator[Part]:
    """Containers with another signature, or none."""
    container = _container(paper)
    bare = cms.ContentInfo.load(container)
    bare["content"]["certificates"] = cms.CertificateSet([])
    forged = cms.ContentInfo.load(container)
    signature = bytearray(forged["content"]["signer_infos"][0]["signature"].native)
    signature[5] ^= 4
    forged["content"]["signer_infos"][0]["signature"] = bytes(signature)
    yield "a length written longer", _long_length(container), _LOOSE | _BROKEN
    yield "a length into the padding", _wide_length(container), _LOOSE | _BROKEN
    yield "no certificates", bare.dump(force=True), _BROKEN
    yield "another signature value", forged.dump(force=True), _BROKEN
    yield "a signature from another paper", _container(other), _BROKEN
    yield "zeros for a signature", b"", _BROKEN | {"damaged"}
    yield "an empty sequence", b"\x30\x00", _BROKEN
    yield "deep nesting", _nested(400), _BROKEN | _LOOSE


def _long_length(container: bytes) -> bytes:
    """The outermost length with a leading zero: BER allows it, DER does not."""
    assert container[1] == 0x82
    return container[:1] + b"\x83\x00" + container[2:]


def _wide_length(container: bytes) -> bytes:
    """The outermost value ends eight bytes later, among the zeros of the padding."""
    length = int.from_bytes(container[2:4], "big") + 8
    return container[:2] + length.to_bytes(2, "big") + container[4:]


def _nested(depth: int) -> bytes:
    value = b""
    for _ in range(depth):
        length = len(value)
        size = bytes([length]) if length < 128 else b"\x82" + length.to_bytes(2, "big")
        value = b"\x30" + size + value
    return value


# --- signatures of strangers --------------------------------------------------------------------


def places(paper: bytes, world: World) -> Iterator[Altered]:
    """An empty place for a signature is added, and draws over the page, by a new name or an old."""
    for called in ("Extra", "kramatorsk"):
        data = updated(paper, partial(_place_over_page, called=called))
        yield Altered(f"a place named {called} over the page", data, PLACED)
        yield Altered(f"{called}, timestamped", papers.stamped(data, world, NOW), PLACED)


def _place_over_page(writer: IncrementalPdfFileWriter, called: str) -> None:
    append_signature_field(writer, SigFieldSpec("Extra", on_page=0, box=(0, 0, 595, 842)))
    field = _fields(writer)[-1].get_object()
    field["/T"] = string(called)
    drawn = writer.add_object(
        generic.StreamObject(
            {
                name("/Type"): name("/XObject"),
                name("/Subtype"): name("/Form"),
                name("/BBox"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842))),
            },
            stream_data=b"1 g 0 0 595 842 re f",
        )
    )
    field["/AP"] = generic.DictionaryObject({name("/N"): drawn})


def strangers(paper: bytes, world: World) -> Iterator[Altered]:
    """Somebody signs once more, where the paper has no place for it."""
    for who, identity, also in (
        ("an office of ours", world.stamford, frozenset[str]()),
        ("a twin of the mayor's name", papers.certified(world.stamford.cert.subject), {"trust"}),
    ):
        for box in (None, (0, 0, 200, 200)):
            writer = IncrementalPdfFileWriter(io.BytesIO(paper))
            append_signature_field(writer, SigFieldSpec("Extra", on_page=0, box=box))
            output = io.BytesIO()
            writer.write(output)
            data = papers.signed(
                output.getvalue(), world, "Extra", identity, at=NOW,
                with_revocations=not also,
            )  # fmt: skip
            yield Altered(
                f"signed by {who}, {'seen' if box else 'unseen'}",
                papers.stamped(data, world, NOW),
                frozenset({"foreign-field", "changed", *also}),
            )
