"""What a stranger's picture or scan shows, made anew from its pixels and nothing else.

Only in a process that may be ended (`pictures_child`): the decoders are C libraries. What comes
out is WebP without EXIF, XMP, IPTC, colour profile or thumbnail, turned upright.
"""

import io
import math
from collections.abc import Iterator
from contextlib import closing, suppress

import pikepdf
import pypdfium2
from PIL import Image, ImageCms, ImageOps

from twinhood.documents.core import checking_content
from twinhood.documents.core.unshown import WIDTHS_PX, NotShown, Picture, Shown, Unshown

# What is decoded at once. JPEG can be decoded smaller than it is, so a larger one is taken.
PIXELS_MAX = 40_000_000
JPEG_PIXELS_MAX = 220_000_000
SIDE_PX_MAX = 65_500
PAGES_MAX = 20
QUALITY = 80
# Longer than this many times its width, it is no picture of a page.
TALL_MAX = 8


# The first bytes of each kind that is taken. Of HEIC and AVIF, the brand at byte 8 counts.
_MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "image/png", "PNG"),
    (b"II*\x00", "image/tiff", "TIFF"),
    (b"MM\x00*", "image/tiff", "TIFF"),
    (b"%PDF-", "application/pdf", "PDF"),
)
_BRANDS = {
    b"heic": "image/heic", b"heix": "image/heic", b"hevc": "image/heic", b"heim": "image/heic",
    b"heis": "image/heic", b"mif1": "image/heic", b"msf1": "image/heic", b"avif": "image/avif",
    b"avis": "image/avif",
}  # fmt: skip
_PILLOW = {"image/heic": "HEIF", "image/avif": "AVIF", "image/webp": "WEBP"}


def media_type_of(first: bytes) -> tuple[str, str]:
    """The media type that the first 12 bytes begin, and its decoder's name; raises NotShown."""
    for magic, media_type, name in _MAGIC:
        if first.startswith(magic):
            return media_type, name
    if first[:4] == b"RIFF" and first[8:12] == b"WEBP":
        return "image/webp", "WEBP"
    if first[4:8] == b"ftyp" and (found := _BRANDS.get(first[8:12])):
        return found, _PILLOW[found]
    raise NotShown(Unshown.KIND)


def shown(data: bytes) -> Shown:
    """Everything that the file shows, in the widths of `WIDTHS_PX`; raises NotShown."""
    media_type, name = media_type_of(data[:12])
    return _paper(data) if name == "PDF" else _picture(data, media_type, name)


# --- photos


def _picture(data: bytes, media_type: str, name: str) -> Shown:
    if name == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener(thumbnails=False)
    Image.MAX_IMAGE_PIXELS = JPEG_PIXELS_MAX
    try:
        with Image.open(io.BytesIO(data), formats=[name]) as opened:
            _expect_size(opened, name)
            had_place = _has_place(opened)
            upright = _upright(opened)
        pictures = tuple(_in_widths(upright, page=1))
    except Image.DecompressionBombError as problem:
        raise NotShown(Unshown.PIXELS) from problem
    except MemoryError:
        raise
    except (OSError, ValueError, SyntaxError, EOFError, TypeError, RuntimeError,
            ArithmeticError, LookupError) as problem:  # fmt: skip
        # What decoders raise at bytes that are no picture has no common name.
        raise NotShown(Unshown.DAMAGED) from problem
    return Shown(media_type, 1, had_place, False, pictures)


def _expect_size(opened: Image.Image, name: str) -> None:
    width, height = opened.size
    if name == "JPEG":
        # Decoded at an eighth to the whole of its size, whichever still fills the widest.
        opened.draft(None, (_box(width, height)))
        if width * height > JPEG_PIXELS_MAX:
            raise NotShown(Unshown.PIXELS)
    if math.prod(opened.size) > PIXELS_MAX or max(width, height) > SIDE_PX_MAX:
        raise NotShown(Unshown.PIXELS)


def _box(width: int, height: int) -> tuple[int, int]:
    """A size of this shape whose shorter side is the widest rendition's width."""
    factor = min(1.0, WIDTHS_PX[-1] / min(width, height))
    return math.ceil(width * factor), math.ceil(height * factor)


def _has_place(opened: Image.Image) -> bool:
    """Whether EXIF or XMP says where it was taken."""
    with suppress(Exception):
        if opened.getexif().get_ifd(0x8825):
            return True
    xmp = opened.info.get("xmp") or opened.info.get("XML:com.adobe.xmp") or b""
    text = xmp.encode() if isinstance(xmp, str) else bytes(xmp)
    return b"GPSLatitude" in text or b"GPSLongitude" in text


def _upright(opened: Image.Image) -> Image.Image:
    """The first frame in sRGB, turned as its taker held it, on white where it was clear."""
    profile = opened.info.get("icc_profile")
    opened.load()
    turned = ImageOps.exif_transpose(opened)
    if profile and turned.mode in {"RGB", "L", "CMYK"}:
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            theirs = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            found = ImageCms.profileToProfile(
                turned, theirs, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            turned = found or turned
    if turned.mode in {"RGBA", "LA", "PA", "La", "RGBa"} or "transparency" in turned.info:
        clear = turned.convert("RGBA")
        turned = Image.new("RGB", clear.size, "white")
        turned.paste(clear, mask=clear.getchannel("A"))
    if turned.mode.startswith(("I", "F")):
        # 16 bits of grey: `convert` would cut them off at 255.
        low, high = turned.getextrema()
        span = max(1, float(high) - float(low))  # type: ignore[arg-type]
        turned = turned.convert("F").point(lambda v: (v - float(low)) * 255 / span)  # type: ignore[arg-type]
        turned = turned.convert("L")
    return turned.convert("RGB")


def _in_widths(whole: Image.Image, *, page: int) -> Iterator[Picture]:
    """The picture in each width; nothing but its pixels goes along."""
    if whole.height > TALL_MAX * whole.width:
        raise NotShown(Unshown.PIXELS)
    for width in sorted({min(width, whole.width) for width in WIDTHS_PX}):
        height = max(1, round(whole.height * width / whole.width))
        smaller = whole.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
        bare = Image.frombytes("RGB", smaller.size, smaller.tobytes())
        out = io.BytesIO()
        bare.save(out, "WEBP", quality=QUALITY, method=2)
        yield Picture(page, width, height, out.getvalue())


# --- scans


def _paper(data: bytes) -> Shown:
    is_active = _can_act(data)
    try:
        with closing(pypdfium2.PdfDocument(data)) as paper:
            count = len(paper)
            if count == 0:
                raise NotShown(Unshown.DAMAGED)
            pictures = tuple(
                picture
                for page in range(min(count, PAGES_MAX))
                for picture in _in_widths(_drawn(paper, page), page=page + 1)
            )
    except pypdfium2.PdfiumError as problem:
        raise NotShown(Unshown.DAMAGED) from problem
    return Shown("application/pdf", count, False, is_active, pictures)


def _can_act(data: bytes) -> bool:
    """Whether it runs, launches, embeds or is filled in; raises NotShown if it is locked."""
    try:
        found = checking_content.contents_of(data)
    except checking_content.NoPaper as problem:
        if problem.why == "encrypted":
            raise NotShown(Unshown.LOCKED) from problem
        # PDFium may still read it; what qpdf cannot judge counts as active.
        return True
    except pikepdf.PdfError:
        return True
    return bool(found.active)


def _drawn(paper: pypdfium2.PdfDocument, number: int) -> Image.Image:
    with closing(paper[number]) as page:
        width, height = page.get_size()
        if not (width > 0 and height > 0) or height > TALL_MAX * width:
            raise NotShown(Unshown.PIXELS)
        scale = WIDTHS_PX[-1] / width
        picture: Image.Image = page.render(scale=scale, may_draw_forms=False).to_pil()
        return picture.convert("RGB")
