"""The room's Django app."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    name = "twinhood.places"
