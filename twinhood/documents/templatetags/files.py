"""`{% load files %}`: a file as everybody may see it, wherever a page shows one."""

from typing import Any

from django import template
from django.utils.formats import number_format

from twinhood.documents.models import Rendition, StoredFile

register = template.Library()


@register.inclusion_tag("documents/_file.html")
def shown_file(
    file: StoredFile, alt: Any, caption: Any = "", credit: str = "", hash: bool = False
) -> dict[str, Any]:
    """A figure with the first page, links to all pages, and what is said of it.

    `alt` says what is to be seen, for those who cannot see it. `hash=True` shows the original's.
    """
    first, pages = _pages(file)
    return {"file": file, "first": first, "pages": pages, "alt": alt, "caption": caption,
            "credit": credit, "hash": hash}  # fmt: skip


@register.inclusion_tag("documents/_thumbnail.html")
def thumbnail(file: StoredFile, alt: str = "") -> dict[str, Any]:
    """The first page, small."""
    first, _pages_of_it = _pages(file)
    return {"file": file, "first": first, "alt": alt}


def _pages(file: StoredFile) -> tuple[list[Rendition], list[Rendition]]:
    """The first page in its widths, the smallest first; each page at its widest."""
    found = sorted(file.renditions.all(), key=lambda one: (one.page, one.width_px))
    widest = {one.page: one for one in found}
    return [one for one in found if one.page == 1], list(widest.values())


@register.filter
def megabytes(size_bytes: int) -> str:
    """The size as people say it, in tenths of a megabyte."""
    return number_format(max(size_bytes, 100_000) / 1_000_000, decimal_pos=1)
