"""Build `verify.pyz`: `twinhood verify` in one file that needs Python 3.12 and nothing else.

In it are exactly the modules that a fresh interpreter imports for the command. The same sources
give the same bytes.
"""

import subprocess
import sys
import zipfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
SHEBANG = b"#!/usr/bin/env python3\n"
MAIN = """\
import sys

if sys.version_info < (3, 12):
    print("verify.pyz needs Python 3.12 or newer", file=sys.stderr)
    sys.exit(2)

from twinhood.verify.command import main

sys.exit(main(sys.argv[1:]))
"""
LIST = """\
import sys
sys.path.insert(0, sys.argv[1])
import twinhood.verify.command
for name, module in sorted(sys.modules.items()):
    if name.partition(".")[0] == "twinhood":
        print(module.__file__)
"""


def modules() -> list[Path]:
    """The files that the command is made of, by path."""
    command = [sys.executable, "-I", "-S", "-B", "-c", LIST, str(CHECKOUT)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return sorted(Path(line) for line in done.stdout.splitlines())


def build(target: Path) -> None:
    with target.open("wb") as out:
        out.write(SHEBANG)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr(_entry("__main__.py"), MAIN)
            for path in modules():
                packed.writestr(_entry(path.relative_to(CHECKOUT).as_posix()), path.read_bytes())
    target.chmod(0o755)


def _entry(name: str) -> zipfile.ZipInfo:
    made = zipfile.ZipInfo(name)
    made.compress_type = zipfile.ZIP_DEFLATED
    made.external_attr = 0o644 << 16
    return made


if __name__ == "__main__":
    build(Path(sys.argv[1]))
    files = modules()
    lines = sum(path.read_text(encoding="utf-8").count("\n") for path in files)
    print(f"Written: {sys.argv[1]}, {lines} lines in {len(files)} files.")
