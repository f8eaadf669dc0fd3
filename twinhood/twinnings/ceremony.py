"""What the page of a ceremony shows: seals, clocks, who signed when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from twinhood.documents.models import Document, Signature
from twinhood.kit import clock
from twinhood.kit.components import CityClock
from twinhood.places.models import Place
from twinhood.twinnings.core.drafting import BOTH, Side
from twinhood.twinnings.models import Draft, Seat
from twinhood.twinnings.queries import place_of, seats_of


@dataclass(frozen=True, slots=True)
class ShownSeat:
    """One side of the ceremony. `seal_hex` grows out of its signature, None before that."""

    side: Side
    place: Place
    seat: Seat
    signature: Signature | None
    seal_hex: str | None

    @property
    def clock(self) -> CityClock:
        return CityClock(str(self.place), self.place.time_zone)


@dataclass(frozen=True, slots=True)
class Ceremony:
    """The whole page at one moment."""

    draft: Draft
    first: ShownSeat
    second: ShownSeat
    documents: Sequence[Document]
    now: datetime

    @property
    def seats(self) -> tuple[ShownSeat, ShownSeat]:
        return self.first, self.second

    @property
    def is_whole(self) -> bool:
        return all(seat.signature is not None for seat in self.seats)

    @property
    def is_half(self) -> bool:
        return not self.is_whole and any(seat.signature is not None for seat in self.seats)

    @property
    def waited_for(self) -> Place | None:
        """The city that has still to sign, once the other has."""
        waiting = [seat.place for seat in self.seats if seat.signature is None]
        return waiting[0] if self.is_half else None

    @property
    def is_proved(self) -> bool:
        """Whether somebody signed digitally, and it is no specimen."""
        real = (seat for seat in self.seats if not seat.seat.frozen.document.is_specimen)
        return any(seat.signature is not None and seat.signature.scan is None for seat in real)

    @property
    def fingerprint(self) -> str:
        """Changes whenever the fragment that is asked for again does."""
        said = [f"{seat.side}:{seat.seal_hex}" for seat in self.seats]
        return sha256("\n".join([*said, self.draft.state]).encode()).hexdigest()[:32]


def ceremony_of(draft: Draft) -> Ceremony:
    """Read it; a few statements. Of two companion papers each side has its own."""
    seats = seats_of(draft)
    shown = {side: _shown(draft, side, seats) for side in BOTH}
    papers = dict.fromkeys(seat.frozen.document for seat in seats)
    return Ceremony(draft, shown[Side.GIVING], shown[Side.RECEIVING], list(papers), clock.now())


def _shown(draft: Draft, side: Side, seats: Sequence[Seat]) -> ShownSeat:
    seat = next(seat for seat in seats if seat.side == side)
    signature: Signature | None = getattr(seat.slot, "signature", None)
    return ShownSeat(side, place_of(draft.partnership, side), seat, signature, _seal(signature))


def _seal(signature: Signature | None) -> str | None:
    """SHA-256 of the paper's bytes with this signature, or of the scan of what was signed by hand.

    A picture is drawn from it; the check page is the proof.
    """
    if signature is None:
        return None
    scan = signature.scan
    return str(scan.sha256 if scan is not None else signature.revision.sha256)
