"""Compile the translators' `.po` files, in pure Python: no gettext of the system is needed."""

import os
import sys
import tempfile
from pathlib import Path

# This module is also used by the build of the wheel, so it imports nothing of ours.


def compile_all(locale_dir: Path) -> list[Path]:
    """Write the `.mo` beside each `.po` that is newer; return those written."""
    stale = [po for po in sorted(locale_dir.glob("*/LC_MESSAGES/*.po")) if _is_stale(po)]
    for po in stale:
        _compile(po)
    return stale


def _is_stale(po: Path) -> bool:
    mo = po.with_suffix(".mo")
    return not mo.exists() or mo.stat().st_mtime_ns < po.stat().st_mtime_ns


def _compile(po: Path) -> None:
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with po.open("rb") as source:
        catalog = read_po(source, locale=po.parent.parent.name, abort_invalid=True)
    handle, draft = tempfile.mkstemp(dir=po.parent, suffix=".mo.new")
    with os.fdopen(handle, "wb") as target:
        write_mo(target, catalog, use_fuzzy=False)
    os.chmod(draft, 0o644)
    os.replace(draft, po.with_suffix(".mo"))


if __name__ == "__main__":
    for compiled in compile_all(Path(sys.argv[1])):
        sys.stdout.write(f"  compiled {compiled}\n")
