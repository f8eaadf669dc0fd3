"""Calls about events and the addresses that are told of them."""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from twinhood.practice.answers import listed, shown
from twinhood.practice.errors import malformed, missing
from twinhood.practice.events import kept
from twinhood.practice.params import Params, merged
from twinhood.practice.shapes import Thing
from twinhood.practice.shapes import checkout as shapes
from twinhood.practice.store import Store


def retrieve_event(store: Store, params: Params, name: str) -> Thing:
    params.done()
    event = store.get("event", name)
    if not kept(store, event):
        raise missing("event", name)
    return shown(store, event)


def list_events(store: Store, params: Params) -> Thing:
    kind, kinds = params.text("type"), params.words("types")
    wanted = {kind} if kind else set(kinds)

    def fits(event: Thing) -> bool:
        return kept(store, event) and (not wanted or event["type"] in wanted)

    return listed(store, params, "event", "/v1/events", fits=fits)


def create_endpoint(store: Store, params: Params) -> Thing:
    url, kinds = params.need("url"), params.words("enabled_events")
    description, metadata = params.text("description"), params.metadata()
    params.whatever("api_version")
    params.done()
    endpoint, secret = add_endpoint(store, url, kinds)
    endpoint |= {"description": description, "metadata": metadata}
    store.put("webhook_endpoint", endpoint)
    return shown(store, endpoint) | {"secret": secret}


def add_endpoint(
    store: Store, url: str, kinds: list[str], secret: str | None = None
) -> tuple[Thing, str]:
    """Have the events of these kinds sent to an address on this machine."""
    if not is_loopback(url):
        raise malformed("Practice sends to this machine alone: 127.0.0.1, [::1] or localhost.")
    if not kinds:
        raise malformed("Missing required param: enabled_events.", code="parameter_missing")
    name = store.new_id("we")
    secret = secret or store.new_id("whsec")
    store.put("_secret", {"id": name, "current": secret, "previous": None, "until": 0})
    endpoint = shapes.webhook_endpoint(name, store.now(), url, kinds)
    return store.put("webhook_endpoint", endpoint), secret


def is_loopback(url: str) -> bool:
    """Whether an address names this machine by a number, or by the one name that always does."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        return False
    try:
        return ip_address(parts.hostname).is_loopback
    except ValueError:
        return parts.hostname == "localhost"


def update_endpoint(store: Store, params: Params, name: str) -> Thing:
    endpoint = store.get("webhook_endpoint", name)
    given: dict[str, Any] = {"metadata": merged(endpoint["metadata"], params.metadata())}
    if kinds := params.words("enabled_events"):
        given["enabled_events"] = kinds
    if "disabled" in params:
        given["status"] = "disabled" if params.flag("disabled") else "enabled"
    if url := params.text("url"):
        if not is_loopback(url):
            raise malformed("Practice sends to this machine alone.", param="url")
        given["url"] = url
    params.done()
    return shown(store, store.put("webhook_endpoint", endpoint | given))


def delete_endpoint(store: Store, params: Params, name: str) -> Thing:
    params.done()
    store.get("webhook_endpoint", name)
    store.drop("webhook_endpoint", name)
    return {"id": name, "object": "webhook_endpoint", "deleted": True}


def retrieve_endpoint(store: Store, params: Params, name: str) -> Thing:
    params.done()
    return shown(store, store.get("webhook_endpoint", name))


def list_endpoints(store: Store, params: Params) -> Thing:
    return listed(store, params, "webhook_endpoint", "/v1/webhook_endpoints")


CALLS = (
    ("GET", "/v1/events", list_events),
    ("GET", "/v1/events/<id>", retrieve_event),
    ("POST", "/v1/webhook_endpoints", create_endpoint),
    ("GET", "/v1/webhook_endpoints", list_endpoints),
    ("GET", "/v1/webhook_endpoints/<id>", retrieve_endpoint),
    ("POST", "/v1/webhook_endpoints/<id>", update_endpoint),
    ("DELETE", "/v1/webhook_endpoints/<id>", delete_endpoint),
)
