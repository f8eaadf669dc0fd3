"""The room's Django app."""

from django.apps import AppConfig


class DeliveriesConfig(AppConfig):
    name = "twinhood.deliveries"
