"""Promises of what the world may know."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from twinhood.deliveries.core.publicity import (
    ActFacts,
    PublicState,
    is_allowed_public_date,
    is_open,
    last_four,
    public_state,
    usual_public_date,
)

DAY = date(2026, 9, 1)
acts = st.builds(ActFacts, st.dates(date(2026, 1, 1), date(2027, 1, 1)), st.booleans())


@given(acts, st.dates(date(2026, 1, 1), date(2027, 1, 1)))
def test_near_a_front_a_hand_over_changes_nothing_public_before_its_day(
    act: ActFacts, today: date
) -> None:
    def seen(facts: ActFacts | None) -> tuple[PublicState, bool]:
        state = public_state(facts, is_cancelled=False, is_conflict_zone=True, today=today)
        return state, is_open(facts, is_conflict_zone=True, today=today)

    if act.is_pulled_back or today < act.public_from_date:
        assert seen(act) == seen(None) == (PublicState.BOUGHT, False)
    else:
        assert seen(act) == (PublicState.HANDED_OVER, True)


def test_the_usual_day_is_fourteen_days_later_near_a_front_and_at_once_elsewhere() -> None:
    near = usual_public_date(DAY, is_conflict_zone=True, delay_days=14)
    far = usual_public_date(DAY, is_conflict_zone=False, delay_days=14)

    assert (near, far) == (DAY + timedelta(days=14), DAY)


@given(st.integers(-400, 400))
def test_the_receiving_side_chooses_within_ninety_days(days: int) -> None:
    assert is_allowed_public_date(DAY + timedelta(days=days), DAY) == (0 <= days <= 90)


@given(st.text(max_size=40))
def test_of_a_serial_number_at_most_four_characters_and_half_are_public(serial: str) -> None:
    assert serial.endswith(last_four(serial))
    assert len(last_four(serial)) <= min(4, len(serial) // 2)
