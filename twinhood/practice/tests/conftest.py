"""A shop of one's own for each test, reached by the official SDK over loopback."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from typing import Any

import pytest
import stripe

from twinhood.practice import Practice, serve

SECRET = "whsec_known_to_both"


class Patient(ThreadingHTTPServer):
    """Lets many knock at once: the usual five places are too few for twenty notices."""

    request_queue_size = 128


@pytest.fixture
def practice() -> Iterator[Practice]:
    with serve(seed="tests") as running:
        yield running


def client_of(practice: Practice, **more: Any) -> stripe.StripeClient:
    return stripe.StripeClient(
        "sk_test_practice",
        base_addresses={"api": practice.url},
        **{"max_network_retries": 0, **more},
    )


@pytest.fixture
def client(practice: Practice) -> stripe.StripeClient:
    return client_of(practice)


@dataclass
class Mailbox:
    """Where webhooks arrive: (raw body, signature header), and what it answers."""

    url: str = ""
    letters: list[tuple[bytes, str | None]] = field(default_factory=list)
    status: int = 200

    def read(self) -> list[stripe.Event]:
        """Every letter as the SDK reads it, its signature checked."""
        return [
            stripe.Webhook.construct_event(body, header or "", SECRET)
            for body, header in self.letters
        ]

    def kinds(self) -> list[str]:
        return [event.type for event in self.read()]


@pytest.fixture
def mailbox(practice: Practice) -> Iterator[Mailbox]:
    box = Mailbox()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            box.letters.append((body, self.headers.get("Stripe-Signature")))
            self.send_response(box.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server: HTTPServer = Patient(("127.0.0.1", 0), Receiver)
    thread = threading.Thread(target=server.serve_forever, args=[0.05], daemon=True)
    thread.start()
    box.url = f"http://127.0.0.1:{server.server_address[1]}/hooks/stripe"
    practice.control("webhook", url=box.url, secret=SECRET)
    yield box
    server.shutdown()
    server.server_close()


def paid_once(
    practice: Practice, client: stripe.StripeClient, *, amount: int = 2500, number: str = ""
) -> stripe.PaymentIntent:
    """Anna gives once by a test card, through the checkout page's own way."""
    session = client.v1.checkout.sessions.create(once(amount))
    practice.control("pay", session=session.id, number=number or "4242424242424242")
    paid = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    assert isinstance(paid.payment_intent, stripe.PaymentIntent)
    return paid.payment_intent


def once(amount: int, currency: str = "usd", **more: Any) -> Any:
    return {
        "mode": "payment",
        "success_url": "http://localhost:8000/thanks?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "http://localhost:8000/give",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": currency,
                    "unit_amount": amount,
                    "product_data": {"name": "An ambulance for Kramatorsk"},
                },
            }
        ],
        **more,
    }


def monthly(amount: int, **more: Any) -> Any:
    wanted = once(amount, **more)
    wanted["line_items"][0]["price_data"]["recurring"] = {"interval": "month"}
    return wanted | {"mode": "subscription"}
