"""Papers in the public file beside those that openings tell: agreements, photos, signed acts.

A room that has such papers gives a function to `PROVIDERS`; it answers with what is public at the
snapshot, as paths under `documents/` (letters, digits, '.', '_', '-') and bytes that do not change.
"""

from collections.abc import Callable, Iterator

from twinhood.opendata.snapshot import Snapshot

type Provider = Callable[[Snapshot], Iterator[tuple[str, bytes]]]
PROVIDERS: tuple[Provider, ...] = ()


def more_documents(snapshot: Snapshot) -> Iterator[tuple[str, bytes]]:
    """Every room's papers, room after room."""
    for provider in PROVIDERS:
        yield from provider(snapshot)
