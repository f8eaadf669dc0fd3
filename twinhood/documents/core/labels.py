"""Labels for things: a sheet of them as a tagged PDF, each with the square of its page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from twinhood.documents.core.typesetting import LAYOUTS, NotTypeset, set_pages, square_of
from twinhood.documents.core.unfit import unfit


@dataclass(frozen=True, slots=True)
class Label:
    """What stands on one label, by language: the thing, who gave it, what its page tells."""

    url: str
    names: Mapping[str, str]
    given: Mapping[str, str]
    more: Mapping[str, str]


def sheet(labels: Sequence[Label], *, title: str, language: str) -> bytes:
    """The labels on sheets of eight; the same labels give the same bytes. Raises NotTypeset."""
    for where, label in enumerate(labels, 1):
        for text in (*label.names.values(), *label.given.values(), *label.more.values()):
            if found := unfit(text):
                raise NotTypeset(str(where), found)
    data = {"title": title, "language": language, "labels": [_drawn(one) for one in labels]}
    return set_pages(LAYOUTS / "labels.typ", data, standards=["ua-1"])


def _drawn(label: Label) -> dict[str, object]:
    return {
        "url": label.url,
        "shown": label.url.partition("://")[2],
        "qr": square_of(label.url),
        "names": list(label.names.items()),
        "given": list(label.given.items()),
        "more": list(label.more.items()),
    }
