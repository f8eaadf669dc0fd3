"""Places and their names."""

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F
from django.db.models.functions import Left
from django.utils.translation import get_language

from twinhood.kit.fields import LocalTextField
from twinhood.places.core.standing import Danger


class Place(models.Model):
    """A populated place. Coordinates are degrees (WGS 84) of its centre, never finer."""

    geoname_id = models.PositiveIntegerField(unique=True)
    name = models.CharField(max_length=200)
    # Today's name by language, as pages show it; `actions.name_place` keeps it. Kept in the row,
    # so that a list of a thousand places needs no second query for their names.
    local_names = LocalTextField(null=True, blank=True)
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
        return self.name_in(get_language() or settings.LANGUAGE_CODE)

    def name_in(self, language: str) -> str:
        """Today's name in `language` (BCP 47), or the name in GeoNames. Asks no query."""
        return (self.local_names or {}).get(language) or self.name

    @property
    def position(self) -> tuple[float, float]:
        """Latitude and longitude in degrees."""
        return self.latitude, self.longitude


# While only two or three letters are typed, smaller places are not suggested.
TOWN_POPULATION = 10_000


class PlaceName(models.Model):
    """One way to write a place's name: in a language, in a script, at a time."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="names")
    name = models.CharField(max_length=400)
    # What a search compares, see `core.names.normal_form`.
    normal = models.CharField(max_length=400)
    # BCP 47, or "" where the source does not say (GeoNames' list of alternate names does not).
    language = models.CharField(max_length=12, blank=True)
    is_preferred = models.BooleanField(default=False)
    since_date = models.DateField(null=True, blank=True)
    until_date = models.DateField(null=True, blank=True)
    # Who says so; "" = GeoNames.
    source = models.CharField(max_length=300, blank=True)
    # The place's population, repeated here so that a search sorts names without a join.
    population = models.PositiveIntegerField(default=0)
    # Of all names that are searched alike, the one of the largest place stands for the spelling
    # in the search that forgives slips: its index is the costly one.
    is_lead = models.BooleanField(default=True)

    class Meta:
        constraints = [
            # Names without a language come from GeoNames in bulk; its loader drops the repeats.
            models.UniqueConstraint(
                fields=["place", "name", "language"],
                condition=~models.Q(language=""),
                name="place_name_stands_once_a_language",
            ),
        ]
        indexes = [
            models.Index(OpClass("normal", name="text_pattern_ops"), name="place_name_prefix"),
            GinIndex(
                OpClass("normal", name="gin_trgm_ops"),
                name="place_name_trigrams",
                condition=models.Q(is_lead=True),
            ),
            # Two or three letters typed stand for tens of thousands of names, of which the largest
            # towns are wanted.
            *(
                models.Index(
                    OpClass(Left("normal", letters), name="text_pattern_ops"),
                    F("population").desc(),
                    name=f"place_name_{letters}_letters",
                    condition=models.Q(population__gte=TOWN_POPULATION),
                )
                for letters in (2, 3)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_former(self) -> bool:
        return self.until_date is not None


class PlaceCode(models.Model):
    """What an official register calls a place: Ukraine's KATOTTG."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="codes")
    scheme = models.CharField(max_length=12, default="katottg")
    code = models.CharField(max_length=24)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scheme", "code"], name="place_code_is_unique"),
        ]

    def __str__(self) -> str:
        return self.code


class StandingList(models.Model):
    """One edition of an official list that was read: whose, of which day, which bytes."""

    source = models.CharField(max_length=300)
    published_date = models.DateField()
    sha256 = models.CharField(max_length=64, unique=True)
    read_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.source} ({self.published_date})"


class Standing(models.Model):
    """What a list says of a place from one day until another (excluded). Rows are never deleted."""

    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="standings")
    danger = models.CharField(max_length=12, choices=[(d.value, d.value) for d in Danger])
    since_date = models.DateField()
    until_date = models.DateField(null=True, blank=True)
    listed_in = models.ForeignKey(StandingList, on_delete=models.PROTECT, related_name="+")
    ended_in = models.ForeignKey(
        StandingList, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["place", "danger", "since_date"], name="standing_is_listed_once"
            ),
            models.CheckConstraint(
                condition=models.Q(until_date__isnull=True)
                | models.Q(until_date__gt=F("since_date")),
                name="standing_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(until_date__isnull=True, ended_in__isnull=True)
                | models.Q(until_date__isnull=False, ended_in__isnull=False),
                name="standing_says_which_list_ended_it",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place}: {self.danger} since {self.since_date}"


class Gazetteer(models.Model):
    """Which edition of a list of places stands in the tables, so that it is loaded once."""

    edition = models.CharField(max_length=80, unique=True)
    place_count = models.PositiveIntegerField()
    loaded_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.edition
