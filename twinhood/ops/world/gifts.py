"""The example's gifts: some thousands, made up, the same each time.

Together with the refund they come to about $1,290,000.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

FIRST_DAY = date(2023, 4, 7)
DAYS = 330
SMALL_GIFTS = 3_980
TOTAL_MINOR = 128_712_000
BEFORE_ANNA_MINOR = 4 * 8_250_000 - 1_000
# What people give, in dollars, and how often out of a hundred.
USUAL = ((10, 14), (25, 46), (50, 18), (100, 13), (250, 6), (500, 2), (1000, 1))
GROUPS = (
    "Class 4B (example)",
    "Library reading circle (example)",
    "Fire station collection (example)",
    "Choir concert (example)",
    "Farmers’ market table (example)",
    "Congregation collection (example)",
    "Rotary evening (example)",
    "City staff drive (example)",
)
FIRST_NAMES = ("Alex", "Sam", "Robin", "Kim", "Chris", "Pat", "Dana", "Jo", "Lee", "Max")


@dataclass(frozen=True, slots=True)
class ExampleGift:
    """Amount and fee in US cents; `name` is shown only where `shows_name`. `is_for_mri` was given
    for that need alone, the others for the campaign.
    """

    number: int
    received_date: date
    rail: str
    amount_minor: int
    fee_minor: int
    name: str
    shows_name: bool
    is_for_mri: bool = False


def gifts() -> Iterator[ExampleGift]:
    """Yield the gifts by date; Boris's and Clara's come on the first day.

    Anna's $25 lies on the border of two things: $10 of it finish the fourth ambulance, $15 begin
    the fifth. A last small gift before hers brings the line exactly there.
    """
    named = [
        ExampleGift(2, FIRST_DAY, "cheque", 10_000, 0, "Boris (example)", True),
        ExampleGift(3, FIRST_DAY, "wire", 500_000, 1_500, "Clara (example)", True),
    ]
    small = list(_small())
    large = list(_large(TOTAL_MINOR - sum(g.amount_minor for g in (*named, *small))))
    later = sorted((*small, *large), key=lambda g: (g.received_date, g.number))
    head_minor, is_anna_due = 0, True
    for gift in (*named, *later):
        net_minor = gift.amount_minor - gift.fee_minor
        if is_anna_due and head_minor + net_minor > BEFORE_ANNA_MINOR:
            gap_minor, day = BEFORE_ANNA_MINOR - head_minor, gift.received_date
            if gap_minor:
                yield ExampleGift(4, day, "cash", gap_minor, 0, "Coin jar (example)", True)
            yield ExampleGift(1, day, "cheque", 2_500, 0, "Anna (example)", False)
            is_anna_due = False
        head_minor += net_minor
        yield gift
    yield from _for_mri()


def _for_mri() -> Iterator[ExampleGift]:
    """The last ones, for the need that has a fund of its own: should it be withdrawn, those who
    gave choose what becomes of their money.
    """
    given = (
        ("wire", 250_000, 1_500, "Rotary evening (example)", True),
        ("cheque", 10_000, 0, "Robin T. (example)", False),
        ("cash", 2_500, 0, "", False),
    )
    day = FIRST_DAY + timedelta(days=DAYS + 2)
    for number, (rail, amount_minor, fee_minor, name, shows) in enumerate(given, 8_000):
        yield ExampleGift(number, day, rail, amount_minor, fee_minor, name, shows, is_for_mri=True)


def _small() -> Iterator[ExampleGift]:
    chance = random.Random(2023)  # noqa: S311 (an example, not a secret)
    amounts = [dollars * 100 for dollars, weight in USUAL for _ in range(weight)]
    for number in range(10, 10 + SMALL_GIFTS):
        # More people give in the first weeks, and again before the new year.
        day = int(DAYS * chance.random() ** 1.6)
        shows = chance.random() < 0.3
        name = f"{chance.choice(FIRST_NAMES)} {chr(65 + number % 26)}. (example)"
        rail = chance.choice(("cash", "cheque", "cheque", "wire"))
        yield ExampleGift(
            number,
            FIRST_DAY + timedelta(days=day),
            rail,
            chance.choice(amounts),
            0,
            name if shows or chance.random() < 0.5 else "",
            shows,
        )


def _large(left_minor: int) -> Iterator[ExampleGift]:
    """What groups and firms gave: the rest of the sum, in parts that get smaller."""
    chance = random.Random(6)  # noqa: S311
    number = 5_000
    while left_minor > 0:
        share = left_minor if left_minor < 200_000 else max(100_000, left_minor // 9 // 100 * 100)
        yield ExampleGift(
            number,
            FIRST_DAY + timedelta(days=(number * 37) % DAYS),
            "wire",
            share,
            1_500 if share > 2_000_000 else 0,
            chance.choice(GROUPS),
            True,
        )
        number += 1
        left_minor -= share
