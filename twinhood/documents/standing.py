"""What holds of a private paper today, and what the world may know of it: its room says so.

The check page knows bytes. Whether a receipt was replaced since, only the room of receipts knows;
it registers a function for its kind of paper when Django starts, as for `sight`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from twinhood.documents.models import Document


@dataclass(frozen=True, slots=True)
class Standing:
    """In words, in the language that is active.

    `sentence` says what holds of the paper today; `facts` are the lines that may be public;
    `privacy` is why the rest is not.
    """

    is_in_force: bool
    sentence: str
    privacy: str
    facts: Sequence[tuple[str, str]] = ()


type Teller = Callable[[Document], Standing | None]
_tellers: dict[str, Teller] = {}


def register(kind: str, teller: Teller) -> None:
    """Ask `teller` of papers of this kind, from now on."""
    _tellers[kind] = teller


def of(document: Document) -> Standing | None:
    """What its room says of it; None where no room does."""
    teller = _tellers.get(document.kind)
    return teller(document) if teller else None
