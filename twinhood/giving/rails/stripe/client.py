"""The door to Stripe: its official SDK, with our key, patience and words for what goes wrong.

What comes back are plain mappings in Stripe's shape. The SDK is imported when it is first needed:
it takes a second, and most processes never ask.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings

from twinhood.giving import errors

if TYPE_CHECKING:
    import stripe

logger = logging.getLogger(__name__)

type Thing = dict[str, Any]

# Seconds until a connection stands, and until an answer begins. A donor waits for the first one.
PATIENCE_S = (4.0, 12.0)
RETRIES_MAX = 1
PAGE_MAX = 100
# Stripe's page speaks these of ours; where it lacks one, it asks the browser.
LOCALES = frozenset({"en", "de", "es", "fr", "it", "pl", "ro"})
CHECKOUT_ORIGIN = "https://checkout.stripe.com"


class Mode(StrEnum):
    """What kind of money the key moves."""

    OFF = "off"
    LIVE = "live"
    # Stripe's own test mode.
    TEST = "test"
    # Our emulator on this machine.
    PRACTICE = "practice"


def mode() -> Mode:
    key = settings.STRIPE_KEY
    if not key:
        return Mode.OFF
    if settings.STRIPE_URL:
        return Mode.PRACTICE
    return Mode.LIVE if key.startswith(("sk_live_", "rk_live_")) else Mode.TEST


def page_origin() -> str:
    """Where donors type their card: a form that leads there needs it in its policy."""
    if mode() != Mode.PRACTICE:
        return CHECKOUT_ORIGIN
    parts = urlsplit(settings.STRIPE_URL)
    return f"{parts.scheme}://{parts.netloc}"


def locale_of(language: str) -> str:
    """What its page is told to speak. Practice speaks Ukrainian, which Stripe's does not yet."""
    is_spoken = language in LOCALES or mode() == Mode.PRACTICE
    return language if is_spoken else "auto"


def client() -> "stripe.StripeClient":
    """The SDK's client for the key of now. Raises RailDown without one."""
    if not settings.STRIPE_KEY:
        raise errors.RailDown("no key")
    return _client(settings.STRIPE_KEY, settings.STRIPE_URL)


@cache
def _client(key: str, url: str) -> "stripe.StripeClient":
    import stripe

    more: dict[str, Any] = {"base_addresses": {"api": url}} if url else {}
    return stripe.StripeClient(
        key,
        http_client=stripe.RequestsClient(timeout=PATIENCE_S),
        max_network_retries=RETRIES_MAX,
        **more,
    )


class Gone(errors.RailRefuses):
    """Stripe knows no such object, or not in this account."""

    def __init__(self) -> None:
        super().__init__("gone")


@contextmanager
def asking() -> Iterator[None]:
    """Turn what the SDK raises into RailDown, RailRefuses or Gone."""
    import stripe

    try:
        yield
    except stripe.CardError as problem:
        raise errors.RailRefuses(str(problem.code or "card_declined")) from problem
    except (stripe.RateLimitError, stripe.APIConnectionError, stripe.APIError) as problem:
        raise errors.RailDown(type(problem).__name__) from problem
    except (stripe.AuthenticationError, stripe.PermissionError) as problem:
        # Not the donor's matter: whoever runs this has to look at the key.
        logger.error("giving.stripe_key_refused status=%s", problem.http_status)
        raise errors.RailDown(type(problem).__name__) from problem
    except stripe.InvalidRequestError as problem:
        if problem.code == "resource_missing":
            raise Gone from problem
        logger.warning("giving.stripe_refuses code=%s param=%s", problem.code, problem.param)
        raise errors.RailRefuses(str(problem.code or "invalid")) from problem
    except stripe.StripeError as problem:
        raise errors.RailRefuses(str(problem.code or "refused")) from problem


def read(kind: str, name: str, *expand: str) -> Thing:
    """One object of a kind such as "payment_intents", parts of it expanded."""
    with asking():
        service = _service(kind)
        found: Thing = service.retrieve(name, {"expand": list(expand)}).to_dict()
        return found


def read_all(kind: str, **wanted: Any) -> list[Thing]:
    """Every object of a kind that fits, oldest first."""
    with asking():
        pages = _service(kind).list({"limit": PAGE_MAX, **wanted})
        found = [one.to_dict() for one in pages.auto_paging_iter()]
    return found[::-1]


def read_some(kind: str, limit: int, **wanted: Any) -> list[Thing]:
    """The newest `limit` objects of a kind that fit, newest first."""
    with asking():
        return [one.to_dict() for one in _service(kind).list({"limit": limit, **wanted}).data]


def _service(kind: str) -> Any:
    found: Any = client().v1
    for part in kind.split("."):
        found = getattr(found, part)
    return found


def do(kind: str, verb: str, *names: str, key: str, **wanted: Any) -> Thing:
    """Call a verb that changes something; `key` makes it happen once."""
    with asking():
        options = {"idempotency_key": key}
        done: Thing = getattr(_service(kind), verb)(*names, wanted, options).to_dict()
        return done
