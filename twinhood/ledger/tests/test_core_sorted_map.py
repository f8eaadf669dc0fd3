"""A map in key order does what a dict and `sorted` do, at any size."""

from random import Random

from twinhood.ledger.core.sorted_map import CHUNK_MAX, SortedMap


def test_it_answers_as_a_sorted_dict_would_through_splits_and_emptied_chunks() -> None:
    random = Random(7)  # noqa: S311
    found: SortedMap[int, int] = SortedMap()
    expected: dict[int, int] = {}
    for round_number in range(12):
        for _ in range(CHUNK_MAX):
            key = random.randrange(9000)
            found.set(key, round_number)
            expected[key] = round_number
        doomed = [key for key in expected if key // 900 == round_number % 10]
        for key in doomed:
            assert found.remove(key) == expected.pop(key)
        keys = sorted(expected)

        assert list(found.items()) == [(key, expected[key]) for key in keys]
        assert found.first() == (keys[0], expected[keys[0]])
        assert found.last_value() == expected[keys[-1]]
        for asked in random.sample(range(-5, 9005), 60):
            below = [key for key in keys if key <= asked]
            above = [key for key in keys if key >= asked]
            assert (found.floor(asked) or (None,))[0] == (below[-1] if below else None)
            assert (found.ceiling(asked) or (None,))[0] == (above[0] if above else None)
            assert found.get(asked) == expected.get(asked)
            assert [key for key, _ in found.from_key(asked)] == above
            assert [k for k, _ in found.below(asked)] == [k for k in below[::-1] if k < asked]


def test_an_empty_map_has_nothing() -> None:
    found: SortedMap[int, int] = SortedMap()
    found.set(1, 1)
    found.remove(1)

    assert [found.first(), found.last_value(), found.floor(5), found.ceiling(5)] == [None] * 4
    assert list(found.items()) == list(found.from_key(0)) == list(found.below(9)) == []
