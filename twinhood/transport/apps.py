"""The room's Django app."""

from django.apps import AppConfig


class TransportConfig(AppConfig):
    name = "twinhood.transport"
