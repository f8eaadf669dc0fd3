"""A process of its own in which pictures are decoded: it may take its time, and is ended.

Reads the file; writes one line of JSON (the facts, and the length of each picture) and then the
pictures, one after the other.
"""

import json
import sys
from dataclasses import asdict
from typing import Any

from twinhood.documents.core.limits import TooMuch, limited
from twinhood.documents.core.unshown import NotShown, Picture, Shown, Unshown

CPU_S = 30
MEMORY_BYTES = 3 * 2**29


def main() -> None:
    said, pictures = _answer(sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + b"".join(pictures))


def _answer(data: bytes) -> tuple[dict[str, Any], list[bytes]]:
    try:
        with limited(cpu_s=CPU_S, memory_bytes=MEMORY_BYTES):
            from twinhood.documents.core.pictures import shown  # The decoders, for the child alone.

            found = shown(data)
    except NotShown as problem:
        return {"unfit": problem.why}, []
    except (TooMuch, MemoryError):
        return {"unfit": Unshown.TOO_MUCH}, []
    said = asdict(found)
    pictures = [picture.pop("webp") for picture in said["pictures"]]
    for picture, webp in zip(said["pictures"], pictures, strict=True):
        picture["length"] = len(webp)
    return said, pictures


def told(answer: bytes) -> Shown:
    """What the process said. Raises NotShown."""
    line, _newline, rest = answer.partition(b"\n")
    said = json.loads(line)
    if "unfit" in said:
        raise NotShown(Unshown(said["unfit"]))
    pictures = []
    for one in said.pop("pictures"):
        length = one.pop("length")
        pictures.append(Picture(**one, webp=rest[:length]))
        rest = rest[length:]
    return Shown(**said, pictures=tuple(pictures))


if __name__ == "__main__":
    main()
