"""The room's Django app."""

from django.apps import AppConfig


class DeliveriesConfig(AppConfig):
    name = "twinhood.deliveries"

    def ready(self) -> None:
        from twinhood.deliveries import case, photos, queries
        from twinhood.documents import sight
        from twinhood.needs import changing
        from twinhood.people.case import register

        register(case.steps)
        sight.register(photos.sight_of)
        changing.register(queries.things_ordered)
