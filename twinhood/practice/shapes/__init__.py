"""The shapes of Stripe's objects, whole: every key that its own fixtures have, and no other."""

from typing import Any

type Thing = dict[str, Any]


def nulls(names: str) -> Thing:
    """Return the keys that practice always leaves empty."""
    return dict.fromkeys(names.split())


def page(url: str, data: list[Thing], *, has_more: bool = False) -> Thing:
    return {"object": "list", "url": url, "has_more": has_more, "data": data}


def address(**parts: str | None) -> Thing:
    return {**nulls("city country line1 line2 postal_code state"), **parts}
