"""What can go wrong with twinnings, and a person can mend."""

from collections.abc import Iterable


class PlacesMissing(Exception):
    """Facts name places that the gazetteer here does not have: load it first."""

    def __init__(self, geoname_ids: Iterable[int]) -> None:
        self.geoname_ids = tuple(sorted(geoname_ids))
        numbers = ", ".join(map(str, self.geoname_ids))
        super().__init__(f"These GeoNames numbers are not among the places here: {numbers}.")


class SamePlace(Exception):
    """A twinning joins two places, not one with itself."""

    def __init__(self, geoname_id: int) -> None:
        super().__init__(f"Place {geoname_id} cannot be twinned with itself.")
        self.geoname_id = geoname_id
