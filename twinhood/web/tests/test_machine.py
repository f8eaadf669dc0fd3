"""What the operator sees of the machine, and what a monitoring program may read."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from twinhood.giving import actions
from twinhood.giving.tests import world
from twinhood.kit import clock
from twinhood.people.models import Person

pytestmark = pytest.mark.django_db

PAGE, METRICS = "/en/desk/machine/", "/metrics"


def operator() -> Client:
    client = Client()
    client.force_login(
        Person.objects.create_user(email="op@example.org", name="Op", is_operator=True)
    )
    return client


def figure(answer: str, name: str) -> float:
    (line,) = (line for line in answer.splitlines() if line.startswith(f"twinhood_{name} "))
    return float(line.split()[1])


def a_waiting_gift(age: timedelta) -> None:
    pair = world.partnership()
    world.fund(pair)
    at = clock.now() - age
    actions.take_in(partnership=pair, person=None, rows=[world.cheque()], at=at)


def test_the_operator_sees_how_long_the_oldest_gift_waits() -> None:
    a_waiting_gift(timedelta(hours=3))

    english = operator().get(PAGE).content.decode()

    assert "3 hours ago" in english
    assert "too old" in english


def test_the_page_speaks_ukrainian() -> None:
    a_waiting_gift(timedelta(minutes=22))

    page = operator().get("/uk/desk/machine/").content.decode()

    assert "22 хвилини тому" in page


def test_nobody_but_an_operator_learns_that_the_page_exists() -> None:
    pair = world.partnership()
    tom = world.signed_in(Client(), world.tom(pair))

    assert tom.get(PAGE).status_code == 404
    assert Client().get(PAGE).status_code == 302
    assert Client().post(PAGE).status_code in {302, 405}


def test_metrics_say_the_age_of_the_oldest_unposted_gift() -> None:
    a_waiting_gift(timedelta(minutes=20))

    before = Client().get(METRICS)
    actions.post_settled()
    after = Client().get(METRICS).content.decode()

    told = before.content.decode()
    assert before["Content-Type"].startswith("text/plain; version=0.0.4")
    assert 1_200 <= figure(told, "oldest_unposted_gift_age_seconds") < 1_300
    assert figure(told, "unposted_gifts") == 1
    assert figure(after, "oldest_unposted_gift_age_seconds") == 0
    assert figure(after, "unposted_gifts") == 0
    assert figure(after, "unsealed_leaves") == 2
    assert figure(after, "free_disk_bytes") > 0
    assert figure(after, "log_ahead_of_database") == 0


def test_every_metric_has_help_and_a_type() -> None:
    lines = Client().get(METRICS).content.decode().splitlines()

    names = [line.split()[0] for line in lines if not line.startswith("#")]
    for name in names:
        assert any(line.startswith(f"# HELP {name} ") for line in lines)
        assert f"# TYPE {name} gauge" in lines


@pytest.mark.parametrize(
    "told",
    [
        {"REMOTE_ADDR": "203.0.113.7"},
        {"REMOTE_ADDR": "::ffff:203.0.113.7"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=127.0.0.1"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_REAL_IP": "127.0.0.1"},
    ],
)
def test_nobody_reads_them_from_elsewhere(told: dict[str, str]) -> None:
    assert Client().get(METRICS, **told).status_code == 404  # type: ignore[arg-type]


def test_a_token_opens_them_from_anywhere_and_nothing_else_does(settings: Settings) -> None:
    settings.METRICS_TOKEN = "a long word"
    there = {"REMOTE_ADDR": "203.0.113.7"}

    right = Client().get(METRICS, headers={"Authorization": "Bearer a long word"}, **there)  # type: ignore[arg-type]
    wrong = [
        Client().get(METRICS, headers={"Authorization": value})
        for value in ("", "Bearer", "Bearer a long", "Bearer слово", "Basic a long word")
    ]

    assert right.status_code == 200
    assert {answer.status_code for answer in wrong} == {404}
    assert Client().get(METRICS, REMOTE_ADDR="127.0.0.1").status_code == 404


def test_the_figures_cost_the_same_with_many_gifts() -> None:
    pair = world.partnership()
    world.fund(pair)
    counts = []
    for _ in range(2):
        world.posted(pair, *(world.cheque() for _ in range(20)))
        with CaptureQueriesContext(connection) as ran:
            Client().get(METRICS)
        counts.append(len(ran))

    assert counts[0] == counts[1]
