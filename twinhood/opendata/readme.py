"""The two pages inside the file that say how to check it by hand."""

from pathlib import Path

from twinhood.opendata.snapshot import Snapshot
from twinhood.translog.core import b64

TEXTS_DIR = Path(__file__).parent / "readme"
LANGUAGES = ("en", "uk")


def readmes(snapshot: Snapshot) -> dict[str, bytes]:
    """README by path, filled with what this file is of."""
    slots = {
        "partnership": snapshot.name,
        "origin": snapshot.origin,
        "size": str(snapshot.sealed.size),
        "root": b64.encode(snapshot.sealed.root),
        "key": snapshot.log_keys[-1],
    }
    return {f"README.{language}.md": _filled(language, slots) for language in LANGUAGES}


def _filled(language: str, slots: dict[str, str]) -> bytes:
    text = (TEXTS_DIR / f"README.{language}.md").read_text(encoding="utf-8")
    for name, value in slots.items():
        text = text.replace(f"{{{name}}}", value)
    return text.encode()
