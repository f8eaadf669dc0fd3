"""The ground's Django app."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class KitConfig(AppConfig):
    name = "twinhood.kit"

    def ready(self) -> None:
        from django.conf import settings
        from django.contrib.auth.signals import user_logged_out

        from twinhood.kit import clock
        from twinhood.kit.db import refuse_unconfirmed_commits
        from twinhood.kit.middleware import note_signing_out

        connection_created.connect(refuse_unconfirmed_commits, dispatch_uid="kit.unconfirmed")
        clock.run_ahead_by(settings.TEST_CLOCK)
        user_logged_out.connect(note_signing_out, dispatch_uid="kit.signing_out")
