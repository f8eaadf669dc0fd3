"""The room's Django app."""

from django.apps import AppConfig


class TransportConfig(AppConfig):
    name = "twinhood.transport"

    def ready(self) -> None:
        from twinhood.documents import sight
        from twinhood.people.case import register
        from twinhood.transport import case, queries

        register(case.steps)
        sight.register(queries.sight_of)
