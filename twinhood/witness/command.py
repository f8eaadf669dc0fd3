"""`twinhood witness`: watch a log from elsewhere, and cosign what only ever grew."""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from twinhood.translog.core import note
from twinhood.translog.core.note import BadNote, Key
from twinhood.witness.errors import BadFile, Refused, Unreachable
from twinhood.witness.fetching import Log
from twinhood.witness.keeping import alone, make_key, read_key
from twinhood.witness.watching import Watch

REFUSED = 1
NOT_DONE = 2
EVERY_S = 60.0


def main(argv: Sequence[str]) -> int:
    """Watch until told otherwise. Returns 0 after --once or --new-key, 1 if the log must not be
    cosigned, 2 if something here or on the way is wrong."""
    parser = _parser()
    asked = parser.parse_args(argv)
    try:
        if asked.new_key is not None:
            name, path = asked.new_key
            _say(make_key(name, Path(path)).vkey)
            return 0
        if asked.log_url is None or asked.key is None or asked.state is None:
            parser.error("the log's address, --key and --state are needed")
        watch = Watch(Log.at(asked.log_url), read_key(asked.key), asked.state, asked.log)
        with alone(asked.state):
            return _watched(watch, is_once=asked.once, every_s=asked.every)
    except BadFile as problem:
        return _complain(str(problem), NOT_DONE)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="twinhood witness", description=__doc__)
    parser.add_argument("log_url", nargs="?", metavar="LOG_URL", help="e.g. https://…/log")
    parser.add_argument("--key", type=Path, metavar="KEYFILE", help="the witness's own key")
    parser.add_argument("--state", type=Path, metavar="FILE", help="what was seen last")
    parser.add_argument(
        "--log", type=_log_key, metavar="VKEY",
        help="the log's key: the first time, and when it has handed over to another one",
    )  # fmt: skip
    parser.add_argument("--once", action="store_true", help="look once, and end")
    parser.add_argument(
        "--every", type=_seconds, default=EVERY_S, metavar="S", help="seconds between two looks"
    )
    parser.add_argument(
        "--new-key", nargs=2, metavar=("NAME", "KEYFILE"), help="make a key; prints its public line"
    )
    return parser


def _log_key(line: str) -> Key:
    try:
        key = note.parse_vkey(line)
    except BadNote as problem:
        raise argparse.ArgumentTypeError(str(problem)) from problem
    if key.kind != note.ED25519:
        raise argparse.ArgumentTypeError("a witness's key, not a log's")
    return key


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 1 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError("between 1 and 86400")
    return seconds


def _watched(watch: Watch, *, is_once: bool, every_s: float) -> int:
    while True:
        code = _looked(watch)
        if is_once or code == REFUSED:
            return code
        time.sleep(every_s)


def _looked(watch: Watch) -> int:
    try:
        _say(watch.look())
    except Refused as why:
        return _complain(f"not cosigned: {why}", REFUSED)
    except Unreachable as why:
        return _complain(f"not reached: {why}", NOT_DONE)
    return 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _complain(line: str, code: int) -> int:
    sys.stderr.write(f"twinhood witness: {line}\n")
    sys.stderr.flush()
    return code
