"""A file in chunks over a line that breaks: no byte is kept twice, none is believed unhashed."""

from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from twinhood.documents import files
from twinhood.documents.models import FileChunk, StoredFile
from twinhood.documents.store import the_store
from twinhood.documents.tests.photos import jpeg
from twinhood.documents.tests.test_files import browser, clerk, iryna, partnership
from twinhood.people.models import Partnership, Person

__all__ = ["iryna", "partnership"]

pytestmark = pytest.mark.django_db

BEGIN = "/uk/desk/stamford-kramatorsk/files/"
PHOTO = jpeg(2000, 1500, has_place=True)


def begun(client: Client, data: bytes = PHOTO, **changes: Any) -> Any:
    told = {"name": "Ліфт.jpg", "size": len(data), "sha256": sha256(data).hexdigest()} | changes
    return client.post(BEGIN, told)


def sent(client: Client, code: str, start: int, chunk: bytes, digest: str = "") -> Any:
    query = urlencode({"start": start, "sha256": digest or sha256(chunk).hexdigest()})
    return client.post(f"{BEGIN}{code}/?{query}", chunk, content_type="application/octet-stream")


def test_chunks_that_arrive_in_turn_are_the_file_and_are_gone(
    partnership: Partnership, iryna: Person
) -> None:
    client = browser(iryna)
    answer = begun(client).json()
    assert (answer["state"], answer["received"]) == ("receiving", 0)

    for start in range(0, len(PHOTO), 30_000):
        answer = sent(client, answer["code"], start, PHOTO[start : start + 30_000]).json()

    file = StoredFile.objects.get()
    assert (answer["state"], answer["received"]) == ("received", len(PHOTO))
    assert "було вказано місце зйомки" in answer["note"]
    assert the_store().get(file.sha256) == PHOTO
    assert (file.name, file.had_place, file.renditions.count()) == ("Ліфт.jpg", True, 2)
    assert not FileChunk.objects.exists()


def test_after_a_break_the_server_says_what_it_has_and_a_chunk_sent_twice_changes_nothing(
    partnership: Partnership, iryna: Person
) -> None:
    code = begun(browser(iryna)).json()["code"]
    sent(browser(iryna), code, 0, PHOTO[:20_000])

    again = begun(browser(iryna)).json()
    twice = sent(browser(iryna), code, 0, PHOTO[:20_000]).json()
    ahead = sent(browser(iryna), code, 30_000, PHOTO[30_000:40_000]).json()

    assert (again["code"], again["received"]) == (code, 20_000)
    assert (twice["received"], ahead["received"]) == (20_000, 20_000)
    assert FileChunk.objects.count() == 1


def test_a_chunk_whose_bytes_are_others_is_not_taken(
    partnership: Partnership, iryna: Person
) -> None:
    client = browser(iryna)
    code = begun(client).json()["code"]

    cut_off = sent(client, code, 0, PHOTO[:900], sha256(PHOTO[:1000]).hexdigest())
    too_long = sent(client, code, 0, PHOTO + b"x")
    nothing = sent(client, code, 0, b"")

    assert [one.status_code for one in (cut_off, too_long, nothing)] == [422, 422, 422]
    assert cut_off.json()["again"]
    assert not FileChunk.objects.exists()


def test_a_whole_that_is_not_what_was_announced_is_refused_in_the_readers_language(
    partnership: Partnership, iryna: Person
) -> None:
    client = browser(iryna)
    code = begun(client, sha256="0" * 64).json()["code"]

    answer = sent(client, code, 0, PHOTO)

    assert answer.status_code == 422
    assert answer.json()["problem"].startswith("Файл «Ліфт.jpg» дійшов не таким")
    assert StoredFile.objects.get().state == "refused"
    assert sent(client, code, 0, PHOTO).status_code == 422
    assert not FileChunk.objects.exists()


def test_what_is_no_photo_is_refused_once_it_is_whole(
    partnership: Partnership, iryna: Person
) -> None:
    client = browser(iryna)
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'/>"

    answer = sent(client, begun(client, svg).json()["code"], 0, svg)

    assert answer.status_code == 422
    assert not answer.json()["again"]
    assert StoredFile.objects.get().reason == "kind"


@pytest.mark.parametrize(
    "changes",
    [{"size": "0"}, {"size": "-1"}, {"size": "٣"}, {"size": ""}, {"sha256": "x"},
     {"size": str(files.FILE_BYTES_MAX + 1)}],
)  # fmt: skip
def test_what_cannot_be_a_file_is_not_begun(
    changes: dict[str, str], partnership: Partnership, iryna: Person
) -> None:
    assert begun(browser(iryna), PHOTO, **changes).status_code == 422
    assert not StoredFile.objects.exists()


def test_nobody_sends_chunks_of_a_file_of_somebody_else(
    partnership: Partnership, iryna: Person
) -> None:
    code = begun(browser(iryna)).json()["code"]

    colleague = sent(browser(clerk("oksana", partnership)), code, 0, PHOTO[:1000])
    stranger = sent(browser(clerk("stranger")), code, 0, PHOTO[:1000])

    assert (colleague.status_code, stranger.status_code) == (403, 404)
    assert not FileChunk.objects.exists()


def test_the_database_lets_no_chunk_leave_a_gap(partnership: Partnership, iryna: Person) -> None:
    code = begun(browser(iryna)).json()["code"]
    file = StoredFile.objects.get(code=code)

    for start, data in ((5, b"x"), (0, PHOTO + b"x")):
        with pytest.raises(DatabaseError), transaction.atomic():
            FileChunk.objects.create(file=file, start_byte=start, data=data)


def test_a_form_that_was_kept_is_told_whether_it_was_taken(
    partnership: Partnership, iryna: Person
) -> None:
    client = browser(iryna)
    address = "/en/desk/stamford-kramatorsk/needs/new/"

    refused = client.post(address, {"quantity": "x"}, headers={"x-keep": str(iryna.pk)})
    of_another = client.post(address, {"quantity": "x"}, headers={"x-keep": str(iryna.pk + 1)})
    signed_out = Client().post(address, {"quantity": "x"}, headers={"x-keep": "-"})
    left = client.post("/en/account/logout/", headers={"x-keep": str(iryna.pk)})

    assert refused.status_code == 422
    assert (of_another.status_code, of_another["X-Keep"]) == (403, "another")
    assert (signed_out.status_code, signed_out["X-Keep"]) == (204, "open")
    assert signed_out["X-Location"].startswith("/en/account/login/?next=")
    assert (left.status_code, left["X-Keep"], left["X-Location"]) == (204, "done", "/en/")
    assert left["Clear-Site-Data"] == '"storage"'
