"""A map that keeps its keys in order, for lines of a million pieces.

Keys and values lie in chunks of at most `CHUNK_MAX`; finding, setting and removing cost two
bisections and a short shift, whatever the size.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Any

CHUNK_MAX = 1024


class SortedMap[K: Any, V]:
    """Keys of one ordered type, each with a value."""

    __slots__ = ("_keys", "_lasts", "_values")

    def __init__(self) -> None:
        # No chunk is ever empty; `_lasts` has the last key of each.
        self._lasts: list[K] = []
        self._keys: list[list[K]] = []
        self._values: list[list[V]] = []

    def first(self) -> tuple[K, V] | None:
        """The least key and its value."""
        return (self._keys[0][0], self._values[0][0]) if self._keys else None

    def last_value(self) -> V | None:
        """The value of the greatest key."""
        return self._values[-1][-1] if self._values else None

    def set_last_value(self, value: V) -> None:
        self._values[-1][-1] = value

    def get(self, key: K) -> V | None:
        found = self.floor(key)
        return found[1] if found is not None and found[0] == key else None

    def floor(self, key: K) -> tuple[K, V] | None:
        """The greatest key that is not above `key`."""
        if not self._lasts:
            return None
        chunk = min(bisect_left(self._lasts, key), len(self._lasts) - 1)
        place = bisect_right(self._keys[chunk], key) - 1
        if place < 0:
            if chunk == 0:
                return None
            chunk -= 1
        return self._keys[chunk][place], self._values[chunk][place]

    def ceiling(self, key: K) -> tuple[K, V] | None:
        """The least key that is not below `key`."""
        chunk = bisect_left(self._lasts, key)
        if chunk == len(self._lasts):
            return None
        place = bisect_left(self._keys[chunk], key)
        return self._keys[chunk][place], self._values[chunk][place]

    def set(self, key: K, value: V) -> None:
        """Add the key, or give it another value."""
        if not self._lasts:
            self._lasts, self._keys, self._values = [key], [[key]], [[value]]
            return
        chunk = min(bisect_left(self._lasts, key), len(self._lasts) - 1)
        keys, values = self._keys[chunk], self._values[chunk]
        place = bisect_left(keys, key)
        if place < len(keys) and keys[place] == key:
            values[place] = value
            return
        keys.insert(place, key)
        values.insert(place, value)
        self._lasts[chunk] = keys[-1]
        if len(keys) > CHUNK_MAX:
            self._split(chunk)

    def remove(self, key: K) -> V:
        """Take the key away and return its value; raises KeyError."""
        chunk = bisect_left(self._lasts, key)
        place = bisect_left(self._keys[chunk], key) if chunk < len(self._lasts) else 0
        if chunk == len(self._lasts) or self._keys[chunk][place] != key:
            raise KeyError(key)
        keys = self._keys[chunk]
        del keys[place]
        value = self._values[chunk].pop(place)
        if keys:
            self._lasts[chunk] = keys[-1]
        else:
            del self._lasts[chunk], self._keys[chunk], self._values[chunk]
        return value

    def from_key(self, key: K) -> Iterator[tuple[K, V]]:
        """Yield what is not below `key`, ascending. The map must not change meanwhile."""
        first = bisect_left(self._lasts, key)
        for chunk in range(first, len(self._lasts)):
            keys, values = self._keys[chunk], self._values[chunk]
            start = bisect_left(keys, key) if chunk == first else 0
            for place in range(start, len(keys)):
                yield keys[place], values[place]

    def below(self, key: K) -> Iterator[tuple[K, V]]:
        """Yield what is below `key`, descending. The map must not change meanwhile."""
        last = min(bisect_left(self._lasts, key), len(self._lasts) - 1)
        for chunk in range(last, -1, -1):
            keys, values = self._keys[chunk], self._values[chunk]
            stop = bisect_left(keys, key) if chunk == last else len(keys)
            for place in range(stop - 1, -1, -1):
                yield keys[place], values[place]

    def items(self) -> Iterator[tuple[K, V]]:
        for keys, values in zip(self._keys, self._values, strict=True):
            yield from zip(keys, values, strict=True)

    def _split(self, chunk: int) -> None:
        keys, values = self._keys[chunk], self._values[chunk]
        half = len(keys) // 2
        self._keys[chunk : chunk + 1] = [keys[:half], keys[half:]]
        self._values[chunk : chunk + 1] = [values[:half], values[half:]]
        self._lasts[chunk : chunk + 1] = [keys[half - 1], keys[-1]]
