"""The room's Django app."""

from django.apps import AppConfig


class AftercareConfig(AppConfig):
    name = "twinhood.aftercare"

    def ready(self) -> None:
        from twinhood.aftercare import case, queries
        from twinhood.deliveries import way
        from twinhood.documents import sight
        from twinhood.people.case import register

        register(case.steps)
        way.register(queries.told_of)
        sight.register(queries.sight_of)
