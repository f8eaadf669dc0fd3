"""Promises of one supplier written down twice: it is one voice among the quotes."""

import pytest

from twinhood.deliveries.core.one_supplier import apart


@pytest.mark.parametrize(
    "again",
    [
        "EXAMPLE  motors",
        "Motors Example, LLC",
        "\u0415xample M\u043et\u043ers",  # Е and о of Cyrillic
        "\u0395xample Motors",  # Ε of Greek
        "Éxample Motors",
    ],
)
def test_a_supplier_written_down_twice_is_one(again: str) -> None:
    assert apart({4: ["Example Motors"], 2: [again], 9: ["Other Motors 1"]}) == {2, 9}


def test_names_in_two_languages_join_those_who_share_one() -> None:
    names = {1: ["Example Motors"], 2: ["Приклад-Авто"], 3: ["Pryklad Avto", "Example  Motors"]}

    assert apart(names) == {1}
    assert apart({1: ["Other Motors 1"], 2: ["Other Motors 2"], 3: ["№"], 4: ["—"]}) == {1, 2, 3, 4}
