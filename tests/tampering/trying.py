"""Alter a genuine file again and again, and see that every time something is named."""

import contextlib
import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from random import Random
from typing import Any

from tests.tampering.changes import CHANGES, Altered
from tests.tampering.genuine import Genuine
from twinhood.verify import command
from twinhood.verify.tests.files import LOG, NEWSROOM, TWIN_CITY, small_world, write


@dataclass(frozen=True, slots=True)
class Tried:
    """One altered file, and what was said of it."""

    number: int
    change: str
    code: int
    answer: dict[str, Any]
    must_say: str

    @property
    def wrong(self) -> str:
        """What is wrong with the verdict; "" if nothing is."""
        sentence = str(self.answer.get("sentence", ""))
        if self.code not in {1, 2} or self.answer.get("holds") or self.answer["exit"] != self.code:
            return "accepted"
        if "this program failed" in sentence or len(sentence) < 20 or "\n" in sentence:
            return "not named"
        return "" if self.must_say in sentence else f"does not say {self.must_say}"

    def __str__(self) -> str:
        return f"{self.number} {self.change}: {self.answer.get('sentence')}"


def small_genuine(folder: Path) -> Genuine:
    """A file of all kinds of entries, made without a server."""
    world = small_world()
    world.cosigned_by = (NEWSROOM, TWIN_CITY)
    older = write(world, folder / "older")
    world.gift(1_000, "k-usd", 4_200, 12)
    world.elsewhere(4)
    world.gift(1_001, "k-uah", 90_000, 0, "UAH")
    newer = write(world, folder / "newer")
    witnesses = (NEWSROOM.key.vkey, TWIN_CITY.key.vkey)
    return Genuine(newer, older, LOG.key.vkey, witnesses, LOG)


def verdict(path: Path, *options: str) -> tuple[int, dict[str, Any]]:
    """What `twinhood verify --json` says. Raises if that is not one JSON object."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = command.main([str(path), "--json", *options])
    return code, json.loads(out.getvalue())


def tried(genuine: Genuine, count: int, seed: int, folder: Path) -> Iterator[Tried]:
    """Yield the verdict on `count` altered files; the same seed alters in the same ways."""
    for number, change in zip(range(count), cycle(CHANGES), strict=False):
        chance = Random(f"{seed} {number}")  # noqa: S311 (to be repeated, not to be secret)
        to = folder / f"altered-{number}"
        altered: Altered = change(genuine, chance, to)
        code, answer = verdict(altered.path, *altered.options)
        yield Tried(number, change.__name__, code, answer, altered.must_say)
        if to.is_dir():
            shutil.rmtree(to)
        else:
            to.unlink(missing_ok=True)
