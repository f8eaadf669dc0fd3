"""The address for notices: what Stripe did not sign, or nobody could read, leaves no row."""

import gzip
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client, RequestFactory
from procrastinate.contrib.django.models import ProcrastinateJob
from pytest_django import Settings

from twinhood.giving import notices
from twinhood.giving.models import Notice
from twinhood.giving.rails.stripe.hooks import hook
from twinhood.giving.rails.stripe.tests import world
from twinhood.kit import clock
from twinhood.practice import Practice

pytestmark = pytest.mark.django_db
EVENT: world.Event = {
    "id": "evt_1",
    "object": "event",
    "type": "weather.changed",
    "livemode": False,
    "data": {"object": {"id": "thing_1"}},
}


@pytest.mark.usefixtures("practice")
class TestHook:
    def test_a_signed_notice_is_stored_sealed(self) -> None:
        assert world.sent(EVENT | {"data": {"object": {"email": "anna@example.org"}}}) == 200

        notice = Notice.objects.get()
        assert (notice.rail, notice.rail_ref, notice.kind) == ("card", "evt_1", "weather.changed")
        assert b"anna" not in bytes(notice.sealed_body)
        assert b"anna@example.org" in notices.body_of(notice)

    def test_all_that_belongs_to_a_payment_is_one_question(self) -> None:
        kinds = {
            "payment_intent.succeeded": {"id": "pi_1", "object": "payment_intent"},
            "charge.succeeded": {"id": "ch_1", "object": "charge"},
            "charge.dispute.created": {"id": "dp_1", "object": "dispute"},
            "refund.created": {"id": "re_1", "object": "refund"},
            "checkout.session.completed": {"id": "cs_1", "object": "checkout.session"},
        }
        for kind, thing in kinds.items():
            data = {"object": {"payment_intent": "pi_1", **thing}}
            world.sent(EVENT | {"id": f"evt_{kind.replace('.', '_')}", "type": kind, "data": data})
        expired = {"id": "cs_2", "object": "checkout.session", "payment_intent": "pi_2"}
        kind = "checkout.session.expired"
        world.sent(EVENT | {"id": "evt_e", "type": kind, "data": {"object": expired}})

        assert set(Notice.objects.values_list("about", flat=True)) == {"pi_1", "cs_2"}

    def test_many_notices_ask_the_worker_once_and_anew_when_it_has_begun(self) -> None:
        jobs = ProcrastinateJob.objects.filter(task_name=notices.HANDLING_TASK)
        for number in range(3):
            world.sent(EVENT | {"id": f"evt_{number}", "type": "charge.updated"})
        asked = jobs.count()
        jobs.delete()
        world.sent(EVENT | {"id": "evt_3", "type": "charge.updated"})

        assert (asked, jobs.count()) == (1, 1)

    @pytest.mark.parametrize("times", [2, 5])
    def test_the_same_notice_again_is_counted(self, times: int) -> None:
        for _ in range(times):
            assert world.sent(EVENT) == 200

        assert Notice.objects.get().arrivals == times

    def test_while_a_secret_is_replaced_both_count(self, settings: Settings) -> None:
        settings.STRIPE_WEBHOOK_SECRETS = ["whsec_new", world.SECRET]

        assert world.sent(EVENT) == 200
        assert world.sent(EVENT | {"id": "evt_2"}, secret="whsec_new") == 200
        assert world.sent(EVENT | {"id": "evt_3"}, secret="whsec_older") == 400
        assert Notice.objects.count() == 2

    def test_one_good_signature_among_forged_ones_is_enough(self) -> None:
        body = json.dumps(EVENT).encode()
        good = world.signed(body)
        at, good_v1 = good.split(",")

        assert world.sent(body, header=f"{at},v1={'0' * 64},v0=junk,{good_v1}") == 200

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{",
            b"[]",
            b"null",
            b'{"id": "evt_1"}',
            b'{"id": "evt_1", "id": "evt_2", "type": "a.b", "livemode": false}',
            b'{"id": "evt_\\u0000", "type": "a.b", "livemode": false}',
            b'{"id": "evt_1", "type": "a.b", "livemode": false, "x": "\\u0000"}',
            b'{"id": "\\ud800", "type": "a.b", "livemode": false}',
            b'{"id": "evt 1", "type": "a.b", "livemode": false}',
            b'{"id": "evt_1", "type": "A<b>", "livemode": false}',
            b'{"id": "evt_1", "type": "a.b", "livemode": "false"}',
            b'{"id": 1, "type": "a.b", "livemode": false}',
            b'{"id": "' + b"a" * 201 + b'", "type": "a.b", "livemode": false}',
            b'\xef\xbb\xbf{"id": "evt_1", "type": "a.b", "livemode": false}',
            '{"id": "evt_1", "type": "a.b", "livemode": false}'.encode("utf-16"),
            b'{"id": "evt_1", "type": "a.b", "livemode": false, "x": '
            + b"[" * 65
            + b"]" * 65
            + b"}",
            b"[" * 100_000,
            b'{"x": "' + b"a" * (256 * 1024) + b'"}',
        ],
        ids=lambda body: repr(body[:24]),
    )
    def test_what_nobody_can_read_is_refused_though_it_is_signed(self, body: bytes) -> None:
        assert world.sent(body) == 400
        assert not Notice.objects.exists()

    def test_a_compressed_notice_is_none(self) -> None:
        body = gzip.compress(json.dumps(EVENT).encode() + b" " * 10_000_000)
        header = world.signed(json.dumps(EVENT).encode())

        answer = Client().post(
            "/hooks/stripe", body, content_type="application/json",
            headers={"stripe-signature": header, "content-encoding": "gzip"},
        )  # fmt: skip

        assert answer.status_code == 400
        assert not Notice.objects.exists()

    @pytest.mark.parametrize("size", ["-1", "9" * 5_000, "1e3", "²", " 7"])
    def test_an_absurd_length_is_refused(self, size: str) -> None:
        body = json.dumps(EVENT).encode()
        factory = RequestFactory(headers={"stripe-signature": world.signed(body)})
        request = factory.post("/hooks/stripe", body, content_type="application/json")
        request.META["CONTENT_LENGTH"] = size

        assert hook(request).status_code == 400
        assert not Notice.objects.exists()

    def test_nothing_but_a_post_is_taken(self) -> None:
        assert Client().get("/hooks/stripe").status_code == 405

    def test_a_form_is_no_notice(self) -> None:
        assert Client().post("/hooks/stripe", {"name": "x"}).status_code == 400

    def test_without_a_secret_everything_is_refused(self, settings: Settings) -> None:
        settings.STRIPE_WEBHOOK_SECRETS = []

        assert world.sent(EVENT) == 400

    def test_the_bytes_are_put_away_when_nobody_needs_them(self) -> None:
        world.sent(EVENT)
        notices.handle_due()
        later = clock.now() + timedelta(days=notices.BODY_KEPT_DAYS + 1)

        assert notices.put_away_old(at=later) == 1

        assert notices.body_of(Notice.objects.get()) == b""


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_are_one_row(practice: Practice) -> None:
    def send(_: int) -> int:
        try:
            return world.sent(EVENT)
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(send, range(50)))

    assert set(answers) == {200}
    assert Notice.objects.get().arrivals == 50
