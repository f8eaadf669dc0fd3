"""The room's Django app."""

from django.apps import AppConfig


class NeedsConfig(AppConfig):
    name = "twinhood.needs"

    def ready(self) -> None:
        from twinhood.documents import sight
        from twinhood.needs import case, evidence
        from twinhood.people.case import register

        register(case.steps)
        sight.register(evidence.sight_of)
