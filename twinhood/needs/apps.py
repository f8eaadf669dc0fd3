"""The room's Django app."""

from django.apps import AppConfig


class NeedsConfig(AppConfig):
    name = "twinhood.needs"
