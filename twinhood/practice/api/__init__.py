"""The calls that are emulated: which path does what. docs/reference/practice.md lists them."""

import re
from collections.abc import Callable

from twinhood.practice.api import billing, checkout, hooks, payments
from twinhood.practice.params import Params
from twinhood.practice.store import Store, Thing

type Call = Callable[..., Thing]

CALLS: tuple[tuple[str, str, Call], ...] = (
    *payments.CALLS,
    *billing.CALLS,
    *checkout.CALLS,
    *hooks.CALLS,
)
_ROUTES = [
    (method, re.compile(re.sub(r"<\w+>", r"([\\w-]+)", path)), call) for method, path, call in CALLS
]


def find(method: str, path: str) -> tuple[Call, tuple[str, ...]] | None:
    """Return what answers `method path`, with the ids in the path; None if nothing does."""
    for wanted, pattern, call in _ROUTES:
        if method == wanted and (match := pattern.fullmatch(path)):
            return call, match.groups()
    return None


__all__ = ["CALLS", "Params", "Store", "find"]
