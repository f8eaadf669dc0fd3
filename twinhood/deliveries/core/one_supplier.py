"""One supplier written down twice, and how many there are then."""

from collections.abc import Iterable, Mapping

from twinhood.deliveries.core.listed import folded
from twinhood.kit.core.serials import in_latin


def _keys(names: Iterable[str]) -> set[str]:
    """What names are compared by: as lists are, and with letters that look alike taken for one."""
    keys = {key for name in names for key in (folded(name), folded(in_latin(name)))}
    return keys - {""}


def apart(names: Mapping[int, Iterable[str]]) -> frozenset[int]:
    """One id of each supplier; two ids are one supplier where any of their names is the same.

    Case, spaces, marks, legal forms, script, the order of words and look-alike letters aside.
    """
    groups: list[tuple[int, set[str]]] = []
    for one, written in sorted(names.items()):
        keys, first = _keys(written), one
        same = [group for group in groups if group[1] & keys]
        for group in same:
            groups.remove(group)
            first, keys = min(first, group[0]), keys | group[1]
        groups.append((first, keys))
    return frozenset(first for first, _ in groups)
