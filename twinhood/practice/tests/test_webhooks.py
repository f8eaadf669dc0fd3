"""Webhooks: signed as the SDK expects, sent again, and every way in which they go wrong."""

import threading
from pathlib import Path

import pytest
import stripe

from twinhood.practice import Practice, serve
from twinhood.practice.core import signature
from twinhood.practice.tests.conftest import SECRET, Mailbox, client_of, once, paid_once


def last_event(client: stripe.StripeClient) -> str:
    return client.v1.events.list({"limit": 1}).data[0].id


def test_a_signature_is_what_the_sdk_computes() -> None:
    body = '{"name": "Анна"}'

    ours = signature.header(body.encode(), [SECRET], 1_700_000_000)

    theirs = stripe.WebhookSignature.generate_signature_header(body, SECRET, 1_700_000_000)
    assert ours == theirs


def test_a_webhook_is_sent_again_until_it_is_taken(
    practice: Practice, client: stripe.StripeClient, mailbox: Mailbox
) -> None:
    mailbox.status = 503
    client.v1.customers.create({"email": "anna@example.org"})
    practice.control("webhook/wait")
    assert len(mailbox.letters) == 1

    mailbox.status = 200
    practice.control("time", advance_s=10)
    practice.control("webhook/wait")
    practice.control("time", advance_s=86_400)
    practice.control("webhook/wait")

    assert [event.type for event in mailbox.read()] == ["customer.created"] * 2
    assert mailbox.letters[0][0] == mailbox.letters[1][0]
    assert client.v1.events.retrieve(last_event(client)).pending_webhooks == 0


def test_after_three_days_no_one_tries_any_more(
    practice: Practice, client: stripe.StripeClient, mailbox: Mailbox
) -> None:
    mailbox.status = 500
    client.v1.customers.create({})
    for _ in range(12):
        practice.control("webhook/wait")
        practice.control("time", advance_s=86_400)

    assert practice.control("webhook/wait")["pending"] == 0
    assert len(mailbox.letters) == 9


@pytest.mark.parametrize("how", ["none", "forged", "v0", "altered", "old"])
def test_what_is_not_rightly_signed_is_refused_by_the_sdk(
    practice: Practice, client: stripe.StripeClient, mailbox: Mailbox, how: str
) -> None:
    client.v1.customers.create({})
    practice.control("webhook/wait")
    mailbox.letters.clear()

    practice.control("webhook/send", event=last_event(client), signature=how)

    with pytest.raises(stripe.SignatureVerificationError):
        mailbox.read()


@pytest.mark.parametrize("how", ["good", "both"])
def test_one_valid_signature_is_enough(
    practice: Practice, client: stripe.StripeClient, mailbox: Mailbox, how: str
) -> None:
    client.v1.customers.create({})

    practice.control("webhook/send", event=last_event(client), signature=how)

    assert "customer.created" in mailbox.kinds()


def test_a_webhook_may_be_older_than_the_tolerance(
    practice: Practice, client: stripe.StripeClient, mailbox: Mailbox
) -> None:
    client.v1.customers.create({})
    practice.control("webhook/wait")
    mailbox.letters.clear()

    practice.control("webhook/send", event=last_event(client), age_s=301)

    with pytest.raises(stripe.SignatureVerificationError, match="tolerance"):
        mailbox.read()


def test_while_a_secret_is_rolled_both_sign(
    practice: Practice, client: stripe.StripeClient, mailbox: Mailbox
) -> None:
    (endpoint,) = client.v1.webhook_endpoints.list().data
    rolled = practice.control("webhook/roll", endpoint=endpoint.id, expires_in_s=3600)

    client.v1.customers.create({})
    practice.control("webhook/wait")

    body, header = mailbox.letters[-1]
    for secret in (SECRET, rolled["secret"]):
        assert stripe.Webhook.construct_event(body, header or "", secret)
    practice.control("time", advance_s=3601)
    client.v1.customers.create({})
    practice.control("webhook/wait")
    body, header = mailbox.letters[-1]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, header or "", SECRET)


@pytest.mark.parametrize("order", ["reversed", "shuffled"])
def test_held_webhooks_come_in_another_order_and_twice(
    practice: Practice, client: stripe.StripeClient, mailbox: Mailbox, order: str
) -> None:
    practice.control("webhook/hold", is_held=True)
    paid_once(practice, client)
    happened = [event.type for event in client.v1.events.list().data][::-1]
    assert mailbox.letters == []

    practice.control("webhook/release", order=order, times=2, seed=7)

    assert sorted(mailbox.kinds()) == sorted(happened * 2)
    assert mailbox.kinds()[::2] != happened


def test_one_event_may_come_many_times_at_once(
    practice: Practice, client: stripe.StripeClient, mailbox: Mailbox
) -> None:
    practice.control("webhook/hold", is_held=True)
    client.v1.customers.create({})

    sent = practice.control("webhook/send", event=last_event(client), times=20, is_at_once=True)

    assert sent["answers"] == [200] * 20
    assert len({event.id for event in mailbox.read()}) == 1


def test_events_of_things_that_were_never_made_are_signed_too(
    practice: Practice, mailbox: Mailbox
) -> None:
    payload = {"id": "evt_x", "object": "event", "type": "charge.refunded", "data": {}}

    practice.control("webhook/send", payload=payload)
    practice.control("webhook/send", raw="[" * 100)

    (body, header), (raw, _) = mailbox.letters
    assert stripe.Webhook.construct_event(body, header or "", SECRET).id == "evt_x"
    assert raw == b"[" * 100


def test_webhooks_leave_for_this_machine_alone(client: stripe.StripeClient) -> None:
    for url in ("https://example.org/hook", "http://10.0.0.1/x", "http://localhost.evil.org/"):
        with pytest.raises(stripe.InvalidRequestError, match="this machine"):
            client.v1.webhook_endpoints.create({"url": url, "enabled_events": ["*"]})


# Idempotency and faults


def test_the_same_key_gives_the_same_answer(client: stripe.StripeClient) -> None:
    made = [
        client.v1.customers.create({"name": "Anna"}, {"idempotency_key": "7Q2F"}) for _ in range(2)
    ]

    assert made[0] == made[1]
    assert len(client.v1.customers.list().data) == 1


def test_the_same_key_with_another_body_is_an_error(client: stripe.StripeClient) -> None:
    client.v1.customers.create({"name": "Anna"}, {"idempotency_key": "7Q2F"})

    with pytest.raises(stripe.IdempotencyError) as caught:
        client.v1.customers.create({"name": "Boris"}, {"idempotency_key": "7Q2F"})

    assert caught.value.http_status == 400


def test_a_key_remembers_a_decline_but_no_mistyped_request(client: stripe.StripeClient) -> None:
    wanted = {"amount": 2500, "currency": "usd", "confirm": True}
    key = {"idempotency_key": "7Q2F"}
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.payment_intents.create({"currency": "usd"}, key)  # type: ignore[typeddict-item,arg-type]

    declined = wanted | {"payment_method": "pm_card_chargeDeclined"}
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            client.v1.payment_intents.create(declined, key)  # type: ignore[arg-type]

    assert len(client.v1.charges.list().data) == 1


def test_of_two_calls_at_once_with_one_key_one_runs(
    practice: Practice, client: stripe.StripeClient
) -> None:
    practice.control("fault", path="/v1/customers", delay_s=1.0)
    key = {"idempotency_key": "7Q2F"}
    slow = threading.Thread(target=lambda: client.v1.customers.create({"name": "A"}, key))  # type: ignore[arg-type]
    slow.start()
    while not practice.store.running:
        slow.join(0.01)

    with pytest.raises(stripe.StripeError) as caught:
        client.v1.customers.create({"name": "A"}, key)  # type: ignore[arg-type]
    slow.join()

    assert caught.value.http_status == 409
    assert client.v1.customers.create({"name": "A"}, key).name == "A"  # type: ignore[arg-type]
    assert len(client.v1.customers.list().data) == 1


def test_a_lost_answer_is_found_again_by_its_key(practice: Practice) -> None:
    practice.control("fault", path="/v1/customers", when="after", is_dropped=True)
    client = client_of(practice, max_network_retries=2)

    made = client.v1.customers.create({"name": "Anna"})

    assert [customer.id for customer in client.v1.customers.list().data] == [made.id]


def test_a_failing_server_answers_500_and_did_nothing(
    practice: Practice, client: stripe.StripeClient
) -> None:
    practice.control("fault", path="/v1/customers", status=500)

    with pytest.raises(stripe.APIError):
        client.v1.customers.create({"name": "Anna"})

    assert client.v1.customers.list().data == []


def test_keys_for_real_money_are_refused(practice: Practice) -> None:
    for key in ("sk_live_x", "nonsense"):
        client = stripe.StripeClient(key, base_addresses={"api": practice.url})
        with pytest.raises(stripe.AuthenticationError):
            client.v1.balance.retrieve()


# Names and memory


def test_the_same_seed_gives_the_same_names() -> None:
    found = []
    for _ in range(2):
        with serve(seed="Stamford") as practice:
            session = client_of(practice).v1.checkout.sessions.create(once(2500))
            found.append(session.id)

    assert found[0] == found[1]


def test_a_restart_forgets_nothing(tmp_path: Path) -> None:
    with serve(snapshot=tmp_path / "shop.sqlite3") as practice:
        client = client_of(practice)
        session = client.v1.checkout.sessions.create(once(2500))
        client.v1.customers.create({"name": "Anna"}, {"idempotency_key": "7Q2F"})
        practice.control("time", advance_s=3600)

    with serve(snapshot=tmp_path / "shop.sqlite3") as practice:
        client = client_of(practice)
        practice.control("pay", session=session.id)
        again = client.v1.customers.create({"name": "Anna"}, {"idempotency_key": "7Q2F"})

        assert client.v1.checkout.sessions.retrieve(session.id).status == "complete"
        assert [customer.id for customer in client.v1.customers.list().data] == [again.id]
        assert len({event.id for event in client.v1.events.list().data}) == 6
