"""The log as files and as a page: what stands there, and what is asked for in vain."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client

from twinhood.translog import actions, queries, sealing
from twinhood.translog.core import note, tiles
from twinhood.translog.store import the_store
from twinhood.translog.tests.test_sealing import append, in_bundles

pytestmark = pytest.mark.django_db


@pytest.fixture
def log() -> list[bytes]:
    """A log of 300 leaves that was sealed at 100 and at 300."""
    given = append(0, 100)
    actions.seal()
    given += append(100, 300)
    actions.seal()
    return given


def test_the_checkpoint_is_asked_for_anew_each_time(client: Client, log: list[bytes]) -> None:
    answer = client.get("/log/checkpoint")

    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert answer["Cache-Control"] == "public, max-age=0, must-revalidate"
    assert answer["Access-Control-Allow-Origin"] == "*"
    key = note.parse_vkey(queries.log_keys()[0])
    assert note.parse_checkpoint(note.open_note(answer.content, key).text).size == 300
    assert (
        client.get("/log/checkpoint", headers={"If-None-Match": answer["ETag"]}).status_code == 304
    )


def test_tiles_and_bundles_are_kept_by_caches_for_ever(client: Client, log: list[bytes]) -> None:
    for path in ("tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000"):
        answer = client.get(f"/log/{path}")
        assert answer.status_code == 200, path
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
        assert answer.content == the_store().read(path)
    assert tiles.split_bundle(client.get("/log/tile/entries/001.p/44").content) == log[256:]


def test_a_tile_that_is_full_by_now_is_still_given_in_its_narrow_forms(
    client: Client, log: list[bytes]
) -> None:
    whole = client.get("/log/tile/0/000").content

    assert client.get("/log/tile/0/000.p/100").content == whole[: 100 * 32]
    bundle = client.get("/log/tile/entries/000.p/100").content
    assert tiles.split_bundle(bundle) == log[:100]
    assert (
        client.get("/log/tile/0/001.p/7").content
        == client.get("/log/tile/0/001.p/44").content[:224]
    )


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/001",
        "tile/0/001.p/45",
        "tile/0/002.p/1",
        "tile/1/000",
        "tile/1/000.p/2",
        "tile/7/000.p/1",
        "tile/8/000",
        "tile/-1/000",
        "tile/00/000",
        "tile/0/0",
        "tile/0/-01",
        "tile/0/000.p/0",
        "tile/0/000.p/256",
        "tile/0/000.p/044",
        "tile/0/000.p/999",
        "tile/0/x000/000",
        "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/" + "x999/" * 40 + "999",
        "tile/0/999999999999999999999999",
        "tile/0/٠٠٠",
        "tile/0/000/",
        "tile/0//000",
        "tile/0/../../../keys/secret_key",
        "tile/0/" + quote("../../checkpoint", safe=""),
        "tile/..%2f..%2fcheckpoint",
        "tile/entries/..%2f000",
        "tile/data/000",
        "tile/",
        "tile/0/000%0a",
        "tile/0/.new-x",
        "checkpoints/299",
        "checkpoints/0",
        "checkpoints/-1",
        "checkpoints/999999999999999999",
        "checkpoints/9999999999999999999999",
        "checkpoints/1e2",
    ],
)
def test_what_the_log_does_not_have_is_not_found(
    path: str, client: Client, log: list[bytes]
) -> None:
    assert client.get(f"/log/{path}").status_code in {400, 404}


def test_tiles_beyond_the_published_size_are_not_served(client: Client, log: list[bytes]) -> None:
    append(300, 600)
    with transaction.atomic():
        sealing.seal_chunk(the_store())
        transaction.set_rollback(True)
    assert the_store().read("tile/0/001") is not None

    assert client.get("/log/tile/0/001").status_code == 404
    assert client.get("/log/tile/0/001.p/45").status_code == 404


def test_an_older_checkpoint_is_kept(client: Client, log: list[bytes]) -> None:
    answer = client.get("/log/checkpoints/100")

    assert answer.status_code == 200
    assert note.parse_checkpoint(note.parse(answer.content).text).size == 100


def test_before_the_first_sealing_there_is_no_checkpoint(client: Client) -> None:
    assert client.get("/log/checkpoint").status_code == 404
    assert client.get("/log/tile/0/000.p/1").status_code == 404
    assert json.loads(client.get("/log/keys.json").content) == {"log": [], "witnesses": []}


def test_the_keys_are_told(client: Client, log: list[bytes]) -> None:
    assert json.loads(client.get("/log/keys.json").content)["log"] == queries.log_keys()


@pytest.mark.parametrize("language", ["en", "uk"])
def test_the_page_tells_what_is_sealed(language: str, client: Client, log: list[bytes]) -> None:
    answer = client.get(f"/{language}/log/")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "public" in answer["Cache-Control"]
    assert queries.log_keys()[0] in page
    sealed = queries.latest()
    assert sealed is not None
    assert note.parse_checkpoint(note.parse(sealed.note).text).text.split("\n")[2] in page
    assert "/log/checkpoints/100" in page


def test_the_page_before_the_first_sealing(client: Client) -> None:
    page = client.get("/en/log/").content.decode()

    assert "Nothing is sealed yet" in page


def test_the_page_says_that_the_log_is_ahead(client: Client, log: list[bytes]) -> None:
    with transaction.atomic():
        append(300, 333)
        actions.seal()
        transaction.set_rollback(True)

    page = client.get("/en/log/").content.decode()

    assert "The published log has 333 leaves" in page


def test_the_page_asks_a_fixed_number_of_queries(
    client: Client, log: list[bytes], django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(8):
        client.get("/en/log/")


def test_the_leaves_of_the_log_are_readable_by_strangers(client: Client, log: list[bytes]) -> None:
    assert in_bundles(the_store(), 300) == log
