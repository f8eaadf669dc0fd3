"""The room's Django app."""

from django.apps import AppConfig


class TreasuryConfig(AppConfig):
    name = "twinhood.treasury"
