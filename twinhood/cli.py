"""The command line: `twinhood run | verify | witness | replay | doctor | manage`.

Each command is imported only when it is asked for: `verify`, `replay` and `witness` must work where
there is neither Django nor a database.
"""

import argparse
import io
import os
import sys
from collections.abc import Callable

import twinhood
from twinhood.ops.console import complain
from twinhood.ops.errors import OpsError

HELP = """\
commands:
  run              start database, worker and web pages in the foreground; Ctrl-C stops them
  verify FILE      recompute a public file or the proof of a gift, or check a signed PDF, offline
  witness LOG_URL  watch a log from elsewhere, and cosign what only ever grew
  replay FILE|-    recompute a published journal, without database or network
  example public-file PATH   write the example's public file
  example agreement PATH     write the example's signed agreement, a specimen
  doctor           say in plain words what is well on this machine and what is not
  manage COMMAND   Django's commands, with the database started if need be
"""


def main(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code; expected faults are one line on stderr."""
    arguments = sys.argv[1:] if argv is None else argv
    _speak_utf8()
    try:
        return _dispatch(arguments)
    except OpsError as error:
        complain(f"twinhood: {error}")
        return 1
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # The reader of our output left (`… | head`); nothing more can be said to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141


def _dispatch(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="twinhood", epilog=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--version", action="version", version=f"twinhood {twinhood.__version__}")
    parser.add_argument("command", choices=sorted(COMMANDS), help="see below")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="what the command takes")
    chosen = parser.parse_args(arguments)
    return COMMANDS[chosen.command](chosen.arguments)


def _run(arguments: list[str]) -> int:
    _no_arguments("run", arguments)
    from twinhood.ops import run

    return run.main()


def _verify(arguments: list[str]) -> int:
    from twinhood.verify import command

    return command.main(arguments)


def _witness(arguments: list[str]) -> int:
    from twinhood.witness import command

    return command.main(arguments)


def _replay(arguments: list[str]) -> int:
    from twinhood.verify import cli

    return cli.main(arguments)


def _example(arguments: list[str]) -> int:
    from twinhood.ops import example

    return example.main(arguments)


def _doctor(arguments: list[str]) -> int:
    _no_arguments("doctor", arguments)
    from twinhood.ops import doctor

    return doctor.main()


def _manage(arguments: list[str]) -> int:
    from twinhood.ops import manage

    return manage.main(arguments)


def _no_arguments(command: str, arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog=f"twinhood {command}")
    parser.parse_args(arguments)


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": _run,
    "verify": _verify,
    "witness": _witness,
    "replay": _replay,
    "example": _example,
    "doctor": _doctor,
    "manage": _manage,
}


def _speak_utf8() -> None:
    """Write UTF-8 whatever the locale; what a terminal cannot take becomes a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
