"""A page of a PDF as a picture: nothing of the file runs, and nothing of it but ink is shown."""

import io

import pypdfium2

# A4 at 128 dots an inch: what a phone needs to make eight-point letters readable when enlarged.
WIDTH_PX = 1060
# A page longer than this is drawn narrower, so that no stranger's page takes all the memory.
HEIGHT_PX_MAX = 4_000
QUALITY = 82


class NoSuchPage(ValueError):
    """The PDF cannot be read, or has no page of that number."""


def count(data: bytes) -> int:
    """How many pages there are. Raises NoSuchPage."""
    try:
        with pypdfium2.PdfDocument(data) as pdf:
            return len(pdf)
    except pypdfium2.PdfiumError as problem:
        raise NoSuchPage from problem


def picture(data: bytes, number: int) -> bytes:
    """Page `number`, counted from 1, as WebP with the signatures' stamps. Raises NoSuchPage."""
    try:
        with pypdfium2.PdfDocument(data) as pdf:
            if not 1 <= number <= len(pdf):
                raise NoSuchPage(number)
            pdf.init_forms()
            return _drawn(pdf[number - 1])
    except pypdfium2.PdfiumError as problem:
        raise NoSuchPage(number) from problem


def _drawn(page: pypdfium2.PdfPage) -> bytes:
    width, height = page.get_size()
    scale = min(WIDTH_PX / width, HEIGHT_PX_MAX / height)
    made = io.BytesIO()
    page.render(scale=scale).to_pil().save(made, "WEBP", quality=QUALITY, method=4)
    return made.getvalue()
