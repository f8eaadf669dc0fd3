"""The ground's Django app."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class KitConfig(AppConfig):
    name = "twinhood.kit"

    def ready(self) -> None:
        from twinhood.kit.db import refuse_unconfirmed_commits

        connection_created.connect(refuse_unconfirmed_commits, dispatch_uid="kit.unconfirmed")
