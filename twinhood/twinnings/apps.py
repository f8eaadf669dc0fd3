"""The room's Django app."""

from django.apps import AppConfig


class TwinningsConfig(AppConfig):
    name = "twinhood.twinnings"

    def ready(self) -> None:
        from twinhood.documents import sight
        from twinhood.twinnings import photos

        sight.register(photos.sight_of)
