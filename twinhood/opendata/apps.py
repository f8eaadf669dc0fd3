"""The room's Django app."""

from django.apps import AppConfig


class OpendataConfig(AppConfig):
    name = "twinhood.opendata"
