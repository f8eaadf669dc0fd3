"""`twinhood example public-file | agreement PATH`: the example's files.

The agreement needs no database; it is signed by offices that say DEMO, with keys of the moment.

The public file is written whatever is here already.

Where there is a database (embedded or in DATABASE_URL), its example is used, and loaded if need
be. Else all of it is made in a folder of its own, which is removed at the end.
"""

import argparse
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from twinhood.ops import manage, var
from twinhood.ops.errors import OpsError
from twinhood.ops.postgres.account import reachable_data_dir


def main(arguments: list[str]) -> int:
    """Write what is asked for; raises `OpsError` if PATH cannot be written."""
    parser = argparse.ArgumentParser(prog="twinhood example")
    parser.add_argument("what", choices=["public-file", "agreement"])
    parser.add_argument("path", type=Path, metavar="PATH", help="where to write the zip or the PDF")
    asked = parser.parse_args(arguments)
    target = asked.path.absolute()
    if target.is_dir() or not os.access(target.parent, os.W_OK):
        raise OpsError(f"{asked.path} cannot be written: name a file in a folder that is there.")
    # Some thousand gifts would be some hundred lines of log.
    os.environ.setdefault("TWINHOOD_LOG_LEVEL", "WARNING")
    if asked.what == "agreement":
        return manage.without_database(["write_example_agreement", str(target)])
    with _some_var():
        return manage.main(["write_example_file", str(target)])


@contextmanager
def _some_var() -> Iterator[None]:
    """Use the installation that is here, or one for the moment."""
    here = var.var_dir(os.environ)
    if var.database_url(os.environ) is not None or reachable_data_dir(here / "postgres").exists():
        yield
        return
    folder = Path(tempfile.mkdtemp(prefix="twinhood-example-"))
    os.environ["TWINHOOD_VAR"] = str(folder)
    try:
        yield
    finally:
        for made in (reachable_data_dir(folder / "postgres"), folder):
            shutil.rmtree(made, ignore_errors=True)
