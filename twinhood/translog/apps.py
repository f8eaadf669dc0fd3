"""The room's Django app."""

from django.apps import AppConfig


class TranslogConfig(AppConfig):
    name = "twinhood.translog"
