"""When an act of acceptance is complete, what a signature on the glass is, what things are worth.

The commission of three on the receiving side, and the rate of the national bank beside the value
in hryvnias, are what a Ukrainian primary document asks for (Law 996-XIV, article 9).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from itertools import pairwise
from math import dist


class Role(StrEnum):
    GIVER = "giver"
    RECEIVER = "receiver"
    COMMISSION = "commission"


# How many of each sign at least.
WANTED = {Role.GIVER: 1, Role.RECEIVER: 1, Role.COMMISSION: 3}
# How many others say that the things arrived.
CONFIRMATIONS = 1
CONFIRMATIONS_NEAR_A_FRONT = 2
# How many others, of as many organisations, saw it signed where a scan stands for signatures.
SCAN_WITNESSES = 2


@dataclass(frozen=True, slots=True)
class Lacking:
    """Signatures of one role that an act still waits for."""

    role: Role
    signed: int
    wanted: int


def lacking(signers: Iterable[tuple[Role, bool]]) -> list[Lacking]:
    """What an act lacks; `signers` are all who stand on it, and whether each has signed.

    Everybody named on the act signs it, and of each role there are as many as are wanted.
    """
    all_of = dict.fromkeys(Role, 0)
    signed_of = dict.fromkeys(Role, 0)
    for role, has_signed in signers:
        all_of[role] += 1
        signed_of[role] += has_signed
    wanted = {role: max(WANTED[role], all_of[role]) for role in Role}
    return [
        Lacking(role, signed_of[role], wanted[role])
        for role in Role
        if signed_of[role] < wanted[role]
    ]


# --- a signature on the glass

GLASS_WIDTH = 600
GLASS_HEIGHT = 200
_POINT = r"\d{1,3} \d{1,3}"
_STROKES = re.compile(rf"(?:M{_POINT}(?:L{_POINT})+)+")
STROKES_LENGTH_MAX = 20_000
# Less is a slip of the finger.
DRAWN_MIN = 60


class BadDrawing(ValueError):
    """`code` says why: `form` (not strokes on the glass), `slip` (as good as nothing drawn)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def drawing(strokes: str) -> str:
    """A signature as SVG. `strokes` are what a finger drew: "M10 20L11 24L15 30M40 20L44 29".

    The glass is 600 wide and 200 high; the same strokes give the same bytes. Raises BadDrawing.
    """
    if len(strokes) > STROKES_LENGTH_MAX or not _STROKES.fullmatch(strokes):
        raise BadDrawing("form")
    drawn = 0.0
    for stroke in strokes.split("M")[1:]:
        points = [tuple(map(int, point.split())) for point in stroke.split("L")]
        if any(x > GLASS_WIDTH or y > GLASS_HEIGHT for x, y in points):
            raise BadDrawing("form")
        drawn += sum(dist(one, other) for one, other in pairwise(points))
    if drawn < DRAWN_MIN:
        raise BadDrawing("slip")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {GLASS_WIDTH} {GLASS_HEIGHT}">'
        f'<path d="{strokes}" fill="none" stroke="#0d2429" stroke-width="4" '
        'stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )


def digest(drawn: str) -> str:
    """SHA-256 of what was drawn or typed, in hexadecimal digits: it stands on the act."""
    return sha256(drawn.encode()).hexdigest()


def is_the_name(typed: str, name: str) -> bool:
    """Whether somebody typed the name that stands on the act, however they space and case it."""
    return " ".join(typed.split()).casefold() == " ".join(name.split()).casefold() != ""


# --- what things are worth in hryvnias


def in_uah_minor(amount_minor: int, *, foreign_minor: int, uah_minor: int) -> int:
    """`amount_minor` by a rate that is a pair of amounts, to the kopiyka, halves up."""
    return (2 * amount_minor * uah_minor + foreign_minor) // (2 * foreign_minor)
