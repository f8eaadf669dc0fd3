"""Rooms above are asked once each, in turn."""

from twinhood.kit.above import Above


def test_who_registers_twice_is_asked_once_and_in_turn() -> None:
    asked: Above[str] = Above()
    assert (list(asked), asked.last) == ([], None)

    for room in ("deliveries", "aftercare", "deliveries"):
        asked.register(room)

    assert list(asked) == ["deliveries", "aftercare"]
    assert asked.last == "aftercare"
