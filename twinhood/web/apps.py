"""The room's Django app."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "twinhood.web"
