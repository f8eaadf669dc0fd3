"""The room's Django app."""

from django.apps import AppConfig


class DeliveriesConfig(AppConfig):
    name = "twinhood.deliveries"

    def ready(self) -> None:
        from twinhood.deliveries import photos
        from twinhood.documents import sight

        sight.register(photos.sight_of)
