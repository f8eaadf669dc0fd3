"""Counting how often something happened: by whom, from where, in which stretch of time."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import RequestFactory
from pytest_django import Settings

from twinhood.kit import limits
from twinhood.kit.models import Tally

NOON = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)


def place(address: str, forwarded: str = "") -> str:
    headers = {"x-forwarded-for": forwarded} if forwarded else {}
    return limits.place_of(RequestFactory(headers=headers).get("/", REMOTE_ADDR=address))


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_a_place_is_an_address_or_a_network(address: str, counted: str) -> None:
    assert place(address) == counted


def test_what_a_visitor_says_of_itself_counts_only_behind_our_proxies(settings: Settings) -> None:
    assert place("203.0.113.7", "198.51.100.1") == "203.0.113.7"

    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    assert place("10.0.0.1", "198.51.100.9, 198.51.100.1") == "198.51.100.1"
    assert place("10.0.0.1") == ""


@pytest.mark.parametrize(
    ("said", "counted"),
    [
        ({}, "0"),
        ({"TWINHOOD_PROXY_PROTO_HEADER": "X-Forwarded-Proto"}, "1"),
        ({"TWINHOOD_PROXY_PROTO_HEADER": "X-Forwarded-Proto", "TWINHOOD_PROXY_COUNT": "2"}, "2"),
    ],
)
def test_who_names_a_proxy_has_one(said: dict[str, str], counted: str) -> None:
    words = "import twinhood.settings as s; print(s.ALLAUTH_TRUSTED_PROXY_COUNT)"

    printed = subprocess.run(
        [sys.executable, "-c", words], env=os.environ | said, capture_output=True, check=True
    )

    assert printed.stdout.decode().strip() == counted


@pytest.mark.django_db
def test_each_is_counted_by_itself_for_a_whole_stretch() -> None:
    first = [limits.count("ask", "anna", at=NOON) for _ in range(3)]
    late = limits.count("ask", "anna", at=NOON + timedelta(minutes=59))
    next_hour = limits.count("ask", "anna", at=NOON + timedelta(minutes=60))
    others = [limits.count("ask", "boris", at=NOON), limits.count("try", "anna", at=NOON)]

    assert (first, late, next_hour, others) == ([1, 2, 3], 4, 1, [1, 1])
    assert limits.counted("ask", "anna", at=NOON) == 4
    assert limits.counted("ask", "clara", at=NOON) == 0


@pytest.mark.django_db
def test_what_is_over_is_forgotten_and_names_nobody() -> None:
    limits.count("ask", "anna@example.org", at=NOON)
    assert b"anna" not in bytes(Tally.objects.get().key)

    assert limits.forget(NOON + timedelta(hours=1)) == 0
    assert limits.forget(NOON + timedelta(hours=3)) == 1


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_each_is_counted() -> None:
    def count(_: int) -> int:
        try:
            return limits.count("ask", "anna", at=NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(count, range(40)))

    assert sorted(counts) == list(range(1, 41))
