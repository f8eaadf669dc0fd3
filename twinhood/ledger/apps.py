"""The room's Django app."""

from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "twinhood.ledger"
