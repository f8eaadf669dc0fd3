"""What an object looks like in an answer: expanded where asked, listed in pages."""

import copy
from collections.abc import Callable, Iterable

from twinhood.practice.errors import invalid, malformed
from twinhood.practice.params import Params
from twinhood.practice.shapes import page
from twinhood.practice.store import Store, Thing

LIMIT_DEFAULT = 10
LIMIT_MAX = 100
EXPAND_DEPTH_MAX = 4


def _refunds(store: Store, charge: Thing) -> Thing:
    found = [one for one in store.newest("refund") if one["charge"] == charge["id"]]
    return page(f"/v1/charges/{charge['id']}/refunds", found[:LIMIT_DEFAULT])


def _payments(store: Store, invoice: Thing) -> Thing:
    found = [one for one in store.newest("invoice_payment") if one["invoice"] == invoice["id"]]
    return page(f"/v1/invoice_payments?invoice={invoice['id']}", found[:LIMIT_DEFAULT])


def line_items(store: Store, session: Thing) -> Thing:
    items = store.get("_wishes", session["id"])["items"]
    return page(f"/v1/checkout/sessions/{session['id']}/line_items", items)


# Parts that are left out unless somebody asks for them.
INCLUDED: dict[tuple[str, str], Callable[[Store, Thing], Thing]] = {
    ("charge", "refunds"): _refunds,
    ("checkout.session", "line_items"): line_items,
    ("invoice", "payments"): _payments,
}


def shown(store: Store, thing: Thing, expand: Iterable[str] = ()) -> Thing:
    """Return a copy of a thing as the API shows it now."""
    answer = copy.deepcopy(thing)
    _freshen(store, answer)
    for path in expand:
        steps = path.split(".")
        if len(steps) > EXPAND_DEPTH_MAX:
            raise malformed("You cannot expand more than 4 levels of a property.", param="expand")
        _expand(store, answer, steps, path)
    return answer


def _freshen(store: Store, answer: Thing) -> None:
    if answer.get("object") == "balance_transaction" and answer["available_on"] <= store.now():
        answer["status"] = "available"


def _expand(store: Store, here: Thing, steps: list[str], path: str) -> None:
    name, rest = steps[0], steps[1:]
    make = INCLUDED.get((str(here.get("object")), name))
    if make is not None and not isinstance(here.get(name), dict):
        here[name] = copy.deepcopy(make(store, here))
    elif name not in here:
        raise malformed(f"This property cannot be expanded ({path}).", param="expand")
    elif isinstance(here[name], str):
        found = store.any(here[name])
        if found is None:
            raise malformed(f"This property cannot be expanded ({path}).", param="expand")
        here[name] = copy.deepcopy(found)
        _freshen(store, here[name])
    below = here[name]
    for one in below if isinstance(below, list) else [below]:
        if rest and isinstance(one, dict):
            _expand(store, one, rest, path)


def listed(
    store: Store,
    params: Params,
    kind: str,
    url: str,
    *,
    where: dict[str, str | None] | None = None,
    fits: Callable[[Thing], bool] = lambda thing: True,
) -> Thing:
    """Return one page of a kind, newest first, that fits the given values and `created`."""
    limit = params.whole("limit") or LIMIT_DEFAULT
    after, before = params.text("starting_after"), params.text("ending_before")
    expand = params.words("expand")
    is_in_time = _in_time(params)
    params.done()
    if not 1 <= limit <= LIMIT_MAX:
        raise malformed("Invalid limit: must be between 1 and 100", param="limit")
    wanted = {key: value for key, value in (where or {}).items() if value is not None}
    found = [
        thing
        for thing in store.newest(kind)
        if is_in_time(thing)
        and all(thing.get(key) == value for key, value in wanted.items())
        and fits(thing)
    ]
    chosen, has_more = _cut(found, limit, after, before)
    prefix = "data."
    if any(not path.startswith(prefix) for path in expand):
        raise malformed("This property cannot be expanded.", param="expand")
    inner = [path.removeprefix(prefix) for path in expand]
    return page(url, [shown(store, thing, inner) for thing in chosen], has_more=has_more)


def _cut(
    found: list[Thing], limit: int, after: str | None, before: str | None
) -> tuple[list[Thing], bool]:
    """Return a page, newest first, and whether there is more in the direction one reads."""
    names = [thing["id"] for thing in found]
    for cursor in (after, before):
        if cursor is not None and cursor not in names:
            raise invalid(f"No such object: '{cursor}'", code="resource_missing")
    if before is not None:
        end = names.index(before)
        return found[max(0, end - limit) : end], end > limit
    start = names.index(after) + 1 if after is not None else 0
    return found[start : start + limit], len(found) > start + limit


def _in_time(params: Params) -> Callable[[Thing], bool]:
    if "created" not in params:
        return lambda thing: True
    part = params.part("created")
    least, more = part.whole("gte"), part.whole("gt")
    most, less = part.whole("lte"), part.whole("lt")
    return lambda thing: (
        (least is None or thing["created"] >= least)
        and (more is None or thing["created"] > more)
        and (most is None or thing["created"] <= most)
        and (less is None or thing["created"] < less)
    )
