"""Places and their names."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models

from twinhood.kit.fields import LocalTextField


class Place(models.Model):
    """A populated place. Coordinates are degrees (WGS 84) of its centre, never finer."""

    geoname_id = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=200)
    country_code = models.CharField(max_length=2)
    admin1_code = models.CharField(max_length=20, blank=True)
    latitude = models.FloatField()
    longitude = models.FloatField()
    population = models.PositiveIntegerField(default=0)
    time_zone = models.CharField(max_length=40)
    # Where the place lies, in readers' words: {"en": "Connecticut, United States", …}.
    region = LocalTextField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="place_lies_on_earth",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def position(self) -> tuple[float, float]:
        """Latitude and longitude in degrees."""
        return self.latitude, self.longitude


class PlaceName(models.Model):
    """One way to write a place's name: in a language, in a script, at a time."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="names")
    name = models.CharField(max_length=400)
    normal = models.CharField(max_length=400)
    # BCP 47, or "" where the source does not say (GeoNames' list of alternate names does not).
    language = models.CharField(max_length=12, blank=True)
    is_preferred = models.BooleanField(default=False)
    since_date = models.DateField(null=True, blank=True)
    until_date = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["place", "name", "language"], name="place_name_stands_once_a_language"
            ),
        ]
        indexes = [
            models.Index(OpClass("normal", name="text_pattern_ops"), name="place_name_prefix"),
            GinIndex(OpClass("normal", name="gin_trgm_ops"), name="place_name_trigrams"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_former(self) -> bool:
        return self.until_date is not None
