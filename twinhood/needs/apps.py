"""The room's Django app."""

from django.apps import AppConfig


class NeedsConfig(AppConfig):
    name = "twinhood.needs"

    def ready(self) -> None:
        from twinhood.documents import sight
        from twinhood.needs import evidence

        sight.register(evidence.sight_of)
