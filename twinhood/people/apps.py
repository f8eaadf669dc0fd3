"""The room's Django app."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "twinhood.people"
