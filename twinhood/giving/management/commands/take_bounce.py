"""`manage.py take_bounce < message`: what a mail server does with returned letters.

Exit code 0 whatever the message says, so that nothing is bounced back; 75 (EX_TEMPFAIL of
sysexits.h) if the database is away, so that the mail server tries again.
"""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.db import OperationalError

from twinhood.giving import letters
from twinhood.giving.core.bounce import BYTES_MAX

EX_TEMPFAIL = 75


class Command(BaseCommand):
    help = "Read a returned letter from standard input and note it (see docs/operations/mail.md)."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        raw = sys.stdin.buffer.read(BYTES_MAX)
        try:
            bounce = letters.take_bounce(raw)
        except OperationalError as problem:
            self.stderr.write(f"The database is away: {problem}")
            sys.exit(EX_TEMPFAIL)
        told = f"{bounce.verdict} {bounce.status}" if bounce else "no report about a letter of ours"
        self.stdout.write(told.strip())
