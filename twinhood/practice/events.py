"""Events: what happened, kept for thirty days, and owed to each webhook endpoint that wants it."""

import copy
import heapq
from typing import Any

from twinhood.practice.shapes import checkout as shapes
from twinhood.practice.store import Store, Thing

API_VERSION = "2026-10-28.endive"
KEPT_S = 30 * 86_400
# Stripe keeps trying for three days; the first steps are shorter here, for people who watch.
RETRY_AFTER_S = (5, 60, 600, 3_600, 6 * 3_600, 12 * 3_600, 24 * 3_600, 24 * 3_600)


def emit(store: Store, kind: str, thing: Thing, previous: Thing | None = None) -> Thing:
    """Record that `thing` is now as it is, and owe the notice to those who asked for it."""
    data: Thing = {"object": copy.deepcopy(thing)}
    if previous is not None:
        data["previous_attributes"] = copy.deepcopy(previous)
    name = store.new_id("evt")
    event = shapes.event(name, store.now(), kind, data, dict(store.request))
    event["api_version"] = API_VERSION
    for endpoint in store.all("webhook_endpoint"):
        if endpoint["status"] == "enabled" and _wants(endpoint, kind):
            owe(store, event, endpoint)
            event["pending_webhooks"] += 1
    return store.put("event", event)


def _wants(endpoint: Thing, kind: str) -> bool:
    return bool({"*", kind} & set(endpoint["enabled_events"]))


def change(store: Store, kind: str, thing: Thing, event: str | None, **new: Any) -> Thing:
    """Change a thing; say so by an event that tells what it was before."""
    before = {key: thing.get(key) for key, value in new.items() if thing.get(key) != value}
    thing |= new
    store.put(kind, thing)
    if event is not None and before:
        emit(store, event, thing, before if event.endswith(".updated") else None)
    return thing


def owe(store: Store, event: Thing, endpoint: Thing) -> None:
    """Put one delivery of an event to an endpoint into the queue."""
    number = store.count("_delivery")
    delivery = {
        "id": f"delivery_{number}",
        "number": number,
        "event": event["id"],
        "endpoint": endpoint["id"],
        "status": "pending",
        "attempts": 0,
        "next_at": store.now(),
        "answers": [],
    }
    store.put("_delivery", delivery)
    heapq.heappush(store.deliveries, (delivery["next_at"], number, delivery["id"]))


def kept(store: Store, event: Thing) -> bool:
    return bool(event["created"] > store.now() - KEPT_S)
