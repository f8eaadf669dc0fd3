"""What a file shows, and why one is not taken: words for this process and the one that decodes."""

from dataclasses import dataclass
from enum import StrEnum

# A phone's screen, and a page that can be read; a smaller picture is never made larger.
WIDTHS_PX = (480, 1600)


class Unshown(StrEnum):
    """Why a file is not taken."""

    KIND = "kind"
    DAMAGED = "damaged"
    PIXELS = "pixels"
    LOCKED = "locked"
    TOO_MUCH = "too_much"
    TOO_LARGE = "too_large"
    OTHER_BYTES = "other_bytes"


class NotShown(Exception):
    """This file cannot be shown, and so is not taken."""

    def __init__(self, why: Unshown) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Picture:
    """One page at one width, as WebP. Pages count from 1."""

    page: int
    width_px: int
    height_px: int
    webp: bytes


@dataclass(frozen=True, slots=True)
class Shown:
    """What a file shows, and what was left behind."""

    media_type: str
    page_count: int
    had_place: bool
    is_active: bool
    pictures: tuple[Picture, ...]
