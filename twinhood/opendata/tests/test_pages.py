"""The public file's page and download: only what may be shown now, whole or in parts."""

import gzip
from datetime import timedelta
from typing import Any

import pytest
from django.http.response import HttpResponseBase
from django.test import Client

from twinhood.deliveries import handing_over
from twinhood.deliveries.models import HandoverAct
from twinhood.deliveries.tests.world import World
from twinhood.needs.tests.world import AT
from twinhood.opendata import actions
from twinhood.opendata.models import PublicFile
from twinhood.opendata.tests.test_public_file import ALL_TOLD

pytestmark = pytest.mark.django_db


def body(response: HttpResponseBase) -> bytes:
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def zip_url(world: World) -> str:
    return f"/p/{world.partnership.slug}/public-file.zip"


def page_of(client: Client, world: World, language: str = "en") -> str:
    return client.get(f"/{language}/p/{world.partnership.slug}/public-file/").content.decode()


@pytest.mark.parametrize("language", ["en", "uk"])
def test_before_the_first_file_the_page_says_that_there_is_none(
    client: Client, world: World, language: str
) -> None:
    text = page_of(client, world, language)

    assert ("No file yet" in text) == (language == "en")
    assert zip_url(world) + '"' not in text.replace('rel="alternate"', "").split("<main")[1]
    assert client.get(zip_url(world)).status_code == 404


def test_the_page_shows_root_and_size_and_how_to_check(client: Client, world: World) -> None:
    row = actions.build(world.partnership)

    response = client.get(f"/en/p/{world.partnership.slug}/public-file/")

    text = response.content.decode()
    assert row.checkpoint.splitlines()[2] in text
    assert row.sha256 in text
    assert f'href="{zip_url(world)}"' in text
    assert "twinhood verify" in text
    assert "public" in response["Cache-Control"]
    assert not response.cookies


def test_while_a_file_is_made_the_page_says_how_far_it_is(client: Client, world: World) -> None:
    row = actions.build(world.partnership)
    PublicFile.objects.filter(pk=row.pk).update(state="building", leaves_done=3, leaves_count=12)

    part = client.get(f"/uk/p/{world.partnership.slug}/public-file/state/").content.decode()

    assert "25" in part
    assert '<progress max="100" value="25"' in part
    assert "<html" not in part


def test_the_zip_comes_whole_with_its_name_size_and_tag(client: Client, world: World) -> None:
    row = actions.build(world.partnership)

    response = client.get(zip_url(world))

    assert body(response) == (actions.folder() / row.path).read_bytes()
    assert response["Content-Type"] == "application/zip"
    assert int(response["Content-Length"]) == row.size_bytes
    assert response["ETag"] == f'"{row.sha256[:32]}"'
    slug = world.partnership.slug
    expected = f'attachment; filename="{slug}-public-file-{row.log_size}.zip"'
    assert response["Content-Disposition"] == expected
    assert "public" in response["Cache-Control"]


def test_who_has_it_already_is_told_so(client: Client, world: World) -> None:
    tag = f'"{actions.build(world.partnership).sha256[:32]}"'

    assert client.get(zip_url(world), headers={"If-None-Match": tag}).status_code == 304


def test_who_takes_gzip_gets_the_same_bytes_packed(client: Client, world: World) -> None:
    row = actions.build(world.partnership)

    response = client.get(zip_url(world), headers={"Accept-Encoding": "br, gzip"})

    packed = body(response)
    assert response["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in response["Vary"]
    assert gzip.decompress(packed) == (actions.folder() / row.path).read_bytes()
    assert len(packed) < row.size_bytes


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-9", 0, 10), ("bytes=100-", 100, None), ("bytes=-7", -7, None),
     ("bytes=5-99999999999", 5, None)],
)  # fmt: skip
def test_a_download_that_broke_off_goes_on_where_it_stopped(
    client: Client, world: World, asked: str, start: int, end: int | None
) -> None:
    row = actions.build(world.partnership)
    whole = (actions.folder() / row.path).read_bytes()

    response = client.get(zip_url(world), headers={"Range": asked})

    assert response.status_code == 206
    assert body(response) == whole[start:end]
    first = start % len(whole)
    last = len(whole) - 1 if end is None else end - 1
    assert response["Content-Range"] == f"bytes {first}-{last}/{len(whole)}"


@pytest.mark.parametrize("asked", ["bytes=999999999-", "bytes=9-3", "bytes=-0"])
def test_a_part_that_is_not_there_is_refused(client: Client, world: World, asked: str) -> None:
    row = actions.build(world.partnership)

    response = client.get(zip_url(world), headers={"Range": asked})

    assert response.status_code == 416
    assert response["Content-Range"] == f"bytes */{row.size_bytes}"


@pytest.mark.parametrize(
    "headers",
    [{"Range": "bytes=0-9", "If-Range": '"another"'}, {"Range": "lines=1-2"},
     {"Range": "bytes=0-1,4-5"}, {"Range": "bytes=-"}],
)  # fmt: skip
def test_what_cannot_be_continued_comes_whole(
    client: Client, world: World, headers: dict[str, str]
) -> None:
    row = actions.build(world.partnership)

    response = client.get(zip_url(world), headers=headers)

    assert (response.status_code, len(body(response))) == (200, row.size_bytes)


def test_a_file_that_opens_what_was_pulled_back_is_handed_out_no_more(
    client: Client, world: World, now: Any
) -> None:
    now(AT + ALL_TOLD)
    old = actions.build(world.partnership)
    assert client.get(zip_url(world)).status_code == 200

    handing_over.pull_back(act=HandoverAct.objects.get())

    assert client.get(zip_url(world)).status_code == 404
    older = f"/p/{world.partnership.slug}/public-file-{old.log_size}.zip"
    assert client.get(older).status_code == 404
    assert old.sha256 not in page_of(client, world)


def test_an_older_file_can_be_had_by_its_size(client: Client, world: World) -> None:
    old = actions.build(world.partnership)
    world.give(700)
    new = actions.build(world.partnership)

    response = client.get(f"/p/{world.partnership.slug}/public-file-{old.log_size}.zip")

    assert old.sha256 != new.sha256
    assert body(response) == (actions.folder() / old.path).read_bytes()
    assert f"public-file-{old.log_size}.zip" in page_of(client, world)
    assert client.get(f"/p/{world.partnership.slug}/public-file-0.zip").status_code == 404


def test_the_page_asks_few_questions_whatever_the_number_of_files(
    client: Client, world: World, now: Any, django_assert_max_num_queries: Any
) -> None:
    for days in (0, 4, 15):
        now(AT + timedelta(days=days))
        actions.build(world.partnership)

    with django_assert_max_num_queries(14):
        page_of(client, world)
