"""`python -m tests.tampering [--count 1000] [--seed N]`: alter public files, see each one named.

Without `--file`, one is made. With one, that is altered (it needs `--older` too).
Prints what is not named, and how often each thing was. Exit status 1 if anything passed.
"""

import argparse
import shutil
import sys
import tempfile
import zipfile
from collections import Counter
from pathlib import Path

from tests.tampering.genuine import Genuine
from tests.tampering.trying import small_genuine, tried, verdict


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.tampering", description=__doc__)
    parser.add_argument("--count", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--file", type=Path, help="a genuine public file (zip)")
    parser.add_argument("--older", type=Path, help="an older one, which it continues (zip)")
    asked = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="twinhood-tampering-"))
    try:
        genuine = small_genuine(folder) if asked.file is None else _read(asked, folder)
        return _try(genuine, asked.count, asked.seed, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _read(asked: argparse.Namespace, folder: Path) -> Genuine:
    for path, name in ((asked.file, "newer"), (asked.older, "older")):
        with zipfile.ZipFile(path) as packed:
            packed.extractall(folder / name)
    code, answer = verdict(folder / "newer")
    if code:
        raise SystemExit(f"The file itself: {answer['sentence']}")
    witnesses = tuple(one["key"] for one in answer["witnesses"])
    return Genuine(folder / "newer", folder / "older", answer["signed_by"], witnesses)


def _try(genuine: Genuine, count: int, seed: int, folder: Path) -> int:
    by_change: Counter[str] = Counter()
    by_place: Counter[str] = Counter()
    wrong = 0
    for found in tried(genuine, count, seed, folder):
        by_change[found.change] += 1
        by_place[str(found.answer.get("where", "cannot be read")).partition(" line ")[0]] += 1
        if found.wrong:
            wrong += 1
            say(f"{found.wrong.upper()}: {found}")
    for what, number in sorted(by_change.items()):
        say(f"{number:6} {what.replace('_', ' ')}")
    places = ", ".join(f"{place} {number}" for place, number in by_place.most_common())
    say(f"Named at: {places}")
    say(f"{count} altered files (seed {seed}), {count - wrong} named, {wrong} not.")
    return int(wrong > 0)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
