"""What the law of a side asks of an agreement, as far as it is known here."""

from collections.abc import Iterable
from datetime import date

# Resolution 357 of the Cabinet of Ministers of Ukraine, 28 March 2025: agreements are approved by
# the ministry and registered.
MINISTRY_APPROVES_AFTER = date(2025, 3, 28)


def lacks_approval(country_codes: Iterable[str], *, dated: date, has_approval: bool) -> bool:
    """Whether an agreement with a Ukrainian party should name the ministry's approval but does not.

    It is a warning for readers, and stops nothing.
    """
    return "UA" in country_codes and dated > MINISTRY_APPROVES_AFTER and not has_approval
