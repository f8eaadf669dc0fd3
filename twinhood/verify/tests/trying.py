"""Verify a public file in a test, and look what it says."""

from pathlib import Path
from typing import Any

import pytest

from twinhood.translog.core import note
from twinhood.verify import container, public_file
from twinhood.verify.errors import Fails
from twinhood.verify.older import Older
from twinhood.verify.signed import Trust
from twinhood.verify.tests.files import LOG, World, write_manifest

type Leaf = dict[str, Any]


def verified(
    path: Path, trust: Trust | None = None, old: bytes | Older | None = None
) -> public_file.Found:
    older = Older(old) if isinstance(old, bytes) else old
    opened = container.opened(path)
    try:
        return public_file.verify(opened, trust or Trust(), older)
    finally:
        opened.close()


def failure(folder: Path) -> Fails:
    with pytest.raises(Fails) as caught:
        verified(folder)
    return caught.value


def entry_of(world: World, key: str) -> Leaf:
    return next(leaf for leaf in world.leaves if leaf.get("key") == key)


def signed_anew(folder: Path) -> None:
    """As the log's owner could: the manifest names what is there now."""
    checkpoint = note.parse_checkpoint(note.parse((folder / "checkpoint").read_bytes()).text)
    write_manifest(folder, LOG, checkpoint)
