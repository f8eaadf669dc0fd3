"""The room's Django app."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "twinhood.web"

    def ready(self) -> None:
        from twinhood.giving.stages import register
        from twinhood.web.stages import reckoned

        register(reckoned)
