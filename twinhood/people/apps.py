"""The room's Django app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "twinhood.people"

    def ready(self) -> None:
        from twinhood.people import checks  # noqa: F401  (registers them)
