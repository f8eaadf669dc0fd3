"""`twinhood verify FILE`: recompute a public file or the proof of a gift, or check a signed paper.

Needs Python and nothing else: no database, no network, no Django. Only signed papers (PDF) need
two packages more: `paper` says which.
"""

import argparse
import contextlib
import gc
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from twinhood.translog.core import note
from twinhood.translog.core.note import BadNote, Key
from twinhood.translog.core.proof import GIFT
from twinhood.verify import container, gift, paper, proof, public_file, telling
from twinhood.verify.errors import CannotTell, Fails, Unreadable
from twinhood.verify.older import Older, joined
from twinhood.verify.reading import SMALL_MAX, small
from twinhood.verify.signed import CHECKPOINT, Trust
from twinhood.verify.tree import OTHERS, subtrees_of

DESCRIPTION = (
    "Recompute all of a public file (zip or folder) or the proof of one gift, or check a signed "
    "paper (PDF)."
)


def main(argv: Sequence[str]) -> int:
    """Say in one sentence what holds, or the first thing that does not, on standard output.

    Returns 0 if it holds, 1 if it does not, 2 if the file cannot be read or the question not be
    answered from it.
    """
    asked = _parser().parse_args(argv)
    with _at_speed():
        answer = _answer(asked)
    sys.stdout.write(telling.written(answer, as_json=asked.json))
    sys.stdout.flush()
    return int(answer["exit"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="twinhood verify", description=DESCRIPTION)
    parser.add_argument("file", type=Path, metavar="FILE", help="zip, folder, proof, or PDF")
    parser.add_argument(
        "--since", type=Path, metavar="OLDER",
        help="an older public file, proof or checkpoint that this one must continue",
    )  # fmt: skip
    parser.add_argument(
        "--key", type=_log_key, metavar="VKEY", help="the log's key, as you know it from elsewhere"
    )
    parser.add_argument(
        "--witness", type=_witness_key, action="append", default=[], metavar="VKEY",
        help="a witness's key, as you know it from elsewhere; may stand several times",
    )  # fmt: skip
    parser.add_argument(
        "--require", type=_count, default=None, metavar="N",
        help="how many witnesses there must be (of those given with --witness, if any; else all)",
    )  # fmt: skip
    parser.add_argument(
        "--trust", type=Path, action="append", default=[], metavar="CERT",
        help="for a PDF: a certificate (PEM, DER) whose word you take; may stand several times",
    )  # fmt: skip
    parser.add_argument(
        "--sha256", type=_digest, metavar="HEX", help="for a PDF: the SHA-256 that it should have"
    )
    parser.add_argument(
        "--log", type=Path, metavar="LOG",
        help="for a PDF: where it stands in the log: its proof, a public file, a folder of tiles",
    )  # fmt: skip
    parser.add_argument(
        "--max-bytes", type=int, default=container.TOTAL_MAX, metavar="N",
        help="refuse what unpacks to more than this",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="answer with one JSON object")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise argparse.ArgumentTypeError("a number, 0 or more")
    return int(text)


def _digest(text: str) -> str:
    if not re.fullmatch("[0-9a-fA-F]{64}", text):
        raise argparse.ArgumentTypeError("64 hexadecimal digits")
    return text


def _log_key(line: str) -> Key:
    return _key(line, note.ED25519)


def _witness_key(line: str) -> Key:
    return _key(line, note.COSIGNATURE)


def _key(line: str, kind: int) -> Key:
    try:
        key = note.parse_vkey(line)
    except BadNote as problem:
        raise argparse.ArgumentTypeError(str(problem)) from problem
    if key.kind != kind:
        raise argparse.ArgumentTypeError("a key of the other kind (log, witness)")
    return key


def _answer(asked: argparse.Namespace) -> telling.Answer:
    required = len(asked.witness) if asked.require is None else asked.require
    trust = Trust(asked.key, tuple(asked.witness), required)
    try:
        return _verified(asked, trust)
    except Fails as failure:
        return telling.of_failure(failure)
    except Unreadable as problem:
        return telling.of_unreadable(str(problem))
    except CannotTell as problem:
        return telling.of_untold(str(problem))
    except OSError as problem:
        return telling.of_unreadable(problem.strerror or type(problem).__name__)
    except MemoryError:
        return telling.of_unreadable("there is too little memory for it")
    except Exception as problem:
        # A file made to break this program must not get a traceback, nor a "holds".
        return telling.of_unreadable(f"this program failed on it ({type(problem).__name__})")


def _verified(asked: argparse.Namespace, trust: Trust) -> telling.Answer:
    if paper.is_paper(asked.file):
        return paper.verify(
            asked.file, asked.trust, sha256=asked.sha256, bytes_max=asked.max_bytes,
            log=asked.log, log_trust=trust,
        )  # fmt: skip
    if asked.log is not None:
        raise CannotTell("--log is for a signed paper (PDF); other files bring their own log")
    data = _small_file(asked.file)
    if data is not None and data.startswith(b"{"):
        if asked.since is not None:
            raise CannotTell("the proof of one gift does not show what came before (--since)")
        return telling.of_gift(gift.verify(data, trust), trust)
    opened = container.opened(asked.file, asked.max_bytes)
    try:
        older = None if asked.since is None else _older(asked.since, asked.max_bytes)
        return telling.of_public_file(public_file.verify(opened, trust, older), trust)
    finally:
        opened.close()


def _small_file(path: Path) -> bytes | None:
    """What stands in a file that is not large; None for a folder or a large file."""
    if path.is_dir():
        return None
    with container.open_regular(path) as stream:
        data = stream.read(SMALL_MAX + 1)
    return data if len(data) <= SMALL_MAX else None


def _older(path: Path, total_max: int) -> Older:
    """An older file, the proof of a gift, or a checkpoint on its own. Raises Unreadable."""
    try:
        data = _small_file(path)
        if data is not None and data.startswith(b"{"):
            told = proof.told_by(data, GIFT)
            return Older(str(told["checkpoint"]).encode(), index=_index_of(told))
        if data is not None and not data.startswith(b"PK"):
            note.parse(data)
            return Older(data)
        opened = container.opened(path, total_max)
        try:
            elsewhere = tuple(joined(subtrees_of(opened.read(OTHERS))))
            return Older(small(opened, CHECKPOINT), elsewhere)
        finally:
            opened.close()
    except (Fails, BadNote, KeyError, Unreadable) as problem:
        raise Unreadable(f"the older file: {problem}") from problem


def _index_of(told: dict[str, Any]) -> int:
    index = told["index"]
    if type(index) is not int:
        raise Unreadable("its index is no number")
    return index


@contextlib.contextmanager
def _at_speed() -> Iterator[None]:
    """A million gifts are no garbage to look through."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()
