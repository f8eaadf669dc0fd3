"""Official lists of what is near the fighting or occupied."""

from datetime import date, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from twinhood.places import standing
from twinhood.places.core.standing import Danger, UnreadableList, read_list
from twinhood.places.models import Place, Standing, StandingList

KRAMATORSK = 704508
# Codes are made up here, in the register's form.
CODE, OTHER = "UA14120110000000001", "UA14120110000000002"
DAYS = st.dates(date(2022, 2, 24), date(2030, 1, 1))
HEAD = "code,status,since,until,geoname_id"


def listing(*rows: str, head: str = HEAD) -> bytes:
    return "\n".join([head, *rows, ""]).encode()


@pytest.fixture
def city(db: None) -> Place:
    return Place.objects.create(
        geoname_id=KRAMATORSK, name="Kramatorsk", country_code="UA", latitude=48.7, longitude=37.6,
        time_zone="Europe/Kyiv",
    )  # fmt: skip


def take(data: bytes, day: date = date(2025, 7, 17)) -> standing.Taken:
    return standing.take_list(data, source="Order no. 376 (test)", published_date=day)


@pytest.mark.parametrize(
    ("rows", "line", "why"),
    [
        (listing(head="code;status;since"), 1, "columns"),
        (listing("UA1,active,2025-01-01,,"), 2, "code"),
        (listing(f"{CODE},busy,2025-01-01,,"), 2, "status"),
        (listing(f"{CODE},active,2025-02-30,,"), 2, "day"),
        (listing(f"{CODE},active,1/2/2025,,"), 2, "day"),
        (listing(f"{CODE},active,2025-02-03,2025-02-03,"), 2, "order"),
        (listing(f"{CODE},active,2025-02-03,,minus one"), 2, "place"),
        (b"code,status,since,until\n\xff\xfe", 2, "encoding"),
        (listing(f"{CODE},act\0ive,2025-02-03,,"), 2, "encoding"),
        (listing(f'{CODE},"active,2025-02-03,,'), 0, "csv"),
        (b"", 1, "columns"),
        (b"x" * 8_000_001, 0, "large"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_line(rows: bytes, line: int, why: str) -> None:
    with pytest.raises(UnreadableList) as refused:
        read_list(rows)

    assert (refused.value.line, refused.value.why) == (line, why)


@given(since=DAYS, length=st.integers(1, 900), offset=st.integers(-5, 905))
def test_a_row_holds_from_its_first_day_to_the_day_before_it_ended(
    since: date, length: int, offset: int
) -> None:
    until = since + timedelta(days=length)
    (row,) = read_list(listing(f"{CODE},occupied,{since},{until:%d.%m.%Y},"))

    assert row.holds_on(since + timedelta(days=offset)) == (0 <= offset < length)


def test_the_ministrys_own_words_and_days_are_understood() -> None:
    head = "code;status;since;until"
    occupied = "Тимчасово окуповані Російською Федерацією території України"
    rows = [
        f"{CODE};Території активних бойових дій;24.02.2022;",
        f"{OTHER};{occupied};01.03.2022;",
    ]

    assert [row.danger for row in read_list(listing(*rows, head=head))] == [
        Danger.ACTIVE, Danger.OCCUPIED,
    ]  # fmt: skip


def test_a_list_is_taken_once_and_a_later_one_ends_what_it_says_ended(city: Place) -> None:
    first = listing(f"{CODE},active,2025-01-10,,{KRAMATORSK}", f"{OTHER},possible,2025-01-01,,")

    assert take(first) == standing.Taken(began=1, ended=0, unknown=1)
    assert take(first) == standing.Taken(0, 0, 0)
    lacking = take(listing(f"{OTHER},possible,2025-01-01,,"), date(2025, 8, 1))
    still = standing.standing_of(city, date(2025, 9, 1))
    later = take(
        listing(f"{CODE},active,2025-01-10,2025-09-05,", f"{CODE},occupied,2025-09-05,,"),
        date(2025, 9, 6),
    )

    assert (lacking.ended, still is not None) == (0, True)
    assert (later.began, later.ended) == (1, 1)
    assert standing.occupied_since(city, date(2025, 9, 4)) is None
    assert standing.occupied_since(city, date(2025, 9, 5)) == date(2025, 9, 5)
    # The past stays as it was.
    past = standing.standing_of(city, date(2025, 3, 1))
    assert past is not None
    assert past.danger == Danger.ACTIVE
    assert Standing.objects.count() == 2


def test_where_lists_overlap_the_worst_counts(city: Place) -> None:
    take(listing(f"{CODE},occupied,2025-01-10,,{KRAMATORSK}", f"{CODE},possible,2025-06-01,,"))

    found = standing.standing_of(city, date(2025, 7, 1))

    assert found is not None
    assert found.danger == Danger.OCCUPIED


def test_the_database_refuses_a_standing_that_ends_before_it_begins(city: Place) -> None:
    take(listing(f"{CODE},active,2025-01-10,,{KRAMATORSK}"))
    edition = StandingList.objects.get()

    with pytest.raises(IntegrityError, match="standing_ends_after"), transaction.atomic():
        Standing.objects.update(until_date=date(2024, 1, 1), ended_in=edition)
    with pytest.raises(IntegrityError, match="says_which_list"), transaction.atomic():
        Standing.objects.update(until_date=date(2026, 1, 1))


def test_the_command_takes_a_file_and_says_what_it_did_not_understand(
    city: Place, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.csv", tmp_path / "bad.csv"
    good.write_bytes(listing(f"{CODE},active,2025-01-10,,{KRAMATORSK}"))
    bad.write_bytes(listing(f"{CODE},sunny,2025-01-10,,{KRAMATORSK}"))
    said = StringIO()

    call_command("load_standings", str(good), source="Test", date="2025-07-17", stdout=said)

    assert said.getvalue().strip() == "began: 1, ended: 0, not a place here: 0"
    with pytest.raises(CommandError, match="Line 2: this class is not known: sunny"):
        call_command("load_standings", str(bad), source="Test", date="2025-07-17")
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("load_standings", "/nowhere", source="Test", date="2025-07-17")
