"""`twinhood manage …`: Django's commands, with the embedded database started if need be."""

import os
import sys

from twinhood.ops import var
from twinhood.ops.console import complain
from twinhood.ops.errors import OpsError
from twinhood.ops.postgres import start


def main(arguments: list[str]) -> int:
    """Run one of Django's commands; a server that `run` started already is used, and left."""
    place = var.var_dir(os.environ)
    var.ensure_var(place)
    var.ensure_secret_key(place)
    os.environ.setdefault("TWINHOOD_VAR", str(place))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "twinhood.settings")
    if var.database_url(os.environ) is not None:
        return _execute(arguments)
    with start(place / "postgres", progress=complain) as server:
        os.environ["DATABASE_URL"] = server.url
        return _execute(arguments)


def without_database(arguments: list[str]) -> int:
    """Run a command that asks no database; nothing is started, and nothing written to var."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "twinhood.settings")
    os.environ.setdefault("TWINHOOD_SECRET_KEY", "only-for-commands-that-sign-nothing")
    return _execute(arguments)


def _execute(arguments: list[str]) -> int:
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError, connections

    try:
        execute_from_command_line(["twinhood manage", *arguments])
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    except ImproperlyConfigured as error:
        raise OpsError(f"A setting is wrong: {error}") from error
    except OperationalError as error:
        raise OpsError(f"The database does not answer: {str(error).splitlines()[0]}") from error
    finally:
        connections.close_all()
        sys.stdout.flush()
    return 0
