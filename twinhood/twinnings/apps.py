"""The room's Django app."""

from django.apps import AppConfig


class TwinningsConfig(AppConfig):
    name = "twinhood.twinnings"
