"""The room's Django app."""

from django.apps import AppConfig


class TransportConfig(AppConfig):
    name = "twinhood.transport"

    def ready(self) -> None:
        from twinhood.deliveries import given as things_given
        from twinhood.documents import sight
        from twinhood.people.case import register
        from twinhood.transport import case, given, queries

        register(case.steps)
        things_given.register(given)
        sight.register(queries.sight_of)
