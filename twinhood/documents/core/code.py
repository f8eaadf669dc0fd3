"""Short public names of papers: ten characters that are not taken for one another."""

from collections.abc import Callable

# Without 0 O, 1 I L, 2 Z, 5 S, 8 B, U V: read aloud, written by hand, or photographed.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
LENGTH = 10


def new(choose: Callable[[str], str]) -> str:
    """A code out of `choose`, such as `secrets.choice`; about 45 bits."""
    return "".join(choose(ALPHABET) for _ in range(LENGTH))


def read(typed: str) -> str:
    """A code as somebody typed it: capitals, without spaces and hyphens; "" if it is none."""
    plain = "".join(typed.split()).replace("-", "").upper()
    return plain if len(plain) == LENGTH and set(plain) <= set(ALPHABET) else ""
