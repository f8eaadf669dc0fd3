"""The room's Django app."""

from django.apps import AppConfig


class GivingConfig(AppConfig):
    name = "twinhood.giving"
