"""The words in which rooms say what waits."""

import pytest

from twinhood.people import waiting
from twinhood.people.models import Person


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "OLDEST_MAX", 3)


@pytest.mark.django_db
@pytest.mark.parametrize(("people", "behind"), [(0, []), (2, [0, 0]), (3, [0] * 3), (5, [0, 0, 2])])
def test_only_the_oldest_are_read_and_the_last_says_how_many_wait_behind(
    people: int, behind: list[int]
) -> None:
    for i in range(people):
        Person.objects.create_user(f"p{i}@example.org", name=f"P {i}")

    found = list(waiting.oldest(Person.objects.order_by("pk")))

    assert [more for _person, more in found] == behind
    assert [person.email for person, _more in found] == [
        f"p{i}@example.org" for i in range(people)
    ][:3]
