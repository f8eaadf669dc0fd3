"""How a room asks rooms above it that it does not know: they register when Django starts."""

from collections.abc import Iterator


class Above[Asked]:
    """What rooms above gave to be asked, in the order in which they registered.

    A room keeps one of these and shows its `register` as its door; a room above calls that in its
    AppConfig's `ready`.
    """

    def __init__(self) -> None:
        self._known: list[Asked] = []

    def register(self, asked: Asked) -> None:
        """Ask this one too, from now on; twice is once."""
        if asked not in self._known:
            self._known.append(asked)

    def __iter__(self) -> Iterator[Asked]:
        return iter(self._known)

    @property
    def last(self) -> Asked | None:
        """Who registered last, where only one can know; None if nobody did."""
        return self._known[-1] if self._known else None
