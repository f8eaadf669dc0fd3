"""The room's Django app."""

from django.apps import AppConfig


class JoiningConfig(AppConfig):
    name = "twinhood.joining"
