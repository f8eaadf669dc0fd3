"""What the guards of the house read: rooms, their floors and their files."""

import tomllib
from functools import cache
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
PACKAGE = CHECKOUT / "twinhood"
# Stand outside the house: they import cores alone, and `practice` nothing of the house at all.
OUTSIDE = frozenset({"practice", "verify", "witness"})


@cache
def floors() -> dict[str, int]:
    """Each room's floor, 0 lowest; read from the contract that import-linter keeps."""
    configuration = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = configuration["tool"]["importlinter"]["contracts"]
    layers = next(c["layers"] for c in contracts if c["type"] == "layers")
    return {
        room.strip(" ()"): floor
        for floor, layer in enumerate(reversed(layers))
        for room in layer.split("|")
    }


def rooms() -> list[str]:
    """Every folder of the package that is a room."""
    found = (path.parent.name for path in PACKAGE.glob("*/__init__.py"))
    return sorted(room for room in found if room not in OUTSIDE)


def may_use(room: str, other: str) -> bool:
    """Whether `other` is the room itself or stands on a lower floor."""
    return room == other or floors()[other] < floors()[room]


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0]


def files(pattern: str, *, tests: bool = True) -> list[Path]:
    """Our own files in rooms, without what is fetched from others."""
    return sorted(
        path
        for path in PACKAGE.rglob(pattern)
        if "vendor" not in path.parts
        and "__pycache__" not in path.parts
        and (tests or "tests" not in path.parts)
    )
