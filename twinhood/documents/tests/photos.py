"""Photos for tests, made here: drawn, with whatever cameras write into them."""

import io
from functools import cache

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw


def drawn(width: int = 640, height: int = 480) -> Image.Image:
    """A picture whose top left corner is red, so that a turn can be seen."""
    picture = Image.new("RGB", (width, height), "seagreen")
    ImageDraw.Draw(picture).rectangle((0, 0, width // 4, height // 4), fill="red")
    return picture


@cache
def jpeg(width: int = 640, height: int = 480, *, has_place: bool = False, turned: int = 1) -> bytes:
    """A photo; `turned` is EXIF's orientation, 6 for a telephone held upright."""
    exif = Image.Exif()
    exif[0x0112] = turned
    exif[0x010F] = "PLANTED-MAKER"
    if has_place:
        exif[0x8825] = {1: "N", 2: (48.0, 44.0, 0.0), 3: "E", 4: (37.0, 33.0, 0.0)}
    out = io.BytesIO()
    drawn(width, height).save(out, "JPEG", exif=exif, comment=b"PLANTED-COMMENT")
    return out.getvalue()


def photo(data: bytes | None = None, name: str = "photo.jpg") -> SimpleUploadedFile:
    """As a form gives it."""
    return SimpleUploadedFile(name, data or jpeg())
