"""A paper in the page: pictures of what is kept, version by version, and its text."""

import io

import pypdfium2
import pytest
from django.test import Client
from PIL import Image

from twinhood.documents import actions, apart
from twinhood.documents.core import pages, pages_child
from twinhood.documents.models import Document
from twinhood.documents.store import the_store
from twinhood.documents.tests.papers import agreement, mayor
from twinhood.people.models import Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def half_signed() -> Document:
    document = actions.freeze(agreement(), about="agreement:1")
    olha = Person.objects.create_user("olha@example.org", name="Olha")
    slot = document.slots.get(position=0)
    actions.sign_specimen(slot=slot, capacity=mayor(), person=olha)
    return document


def ink(client: Client, document: Document, version: int, number: int) -> Image.Image:
    answer = client.get(f"/v/{document.code}/{version}/{number}.webp")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    return Image.open(io.BytesIO(answer.content)).convert("L")


def test_each_version_is_shown_as_it_was_with_the_stamps_of_its_signatures(
    client: Client, half_signed: Document
) -> None:
    last_page = pages.count(the_store().get(half_signed.sha256))

    frozen = ink(client, half_signed, 1, last_page)
    signed = ink(client, half_signed, 2, last_page)

    assert frozen.width == signed.width == pages.WIDTH_PX
    assert frozen.tobytes() != signed.tobytes()
    assert ink(client, half_signed, 1, 1).tobytes() == ink(client, half_signed, 2, 1).tobytes()


def test_the_check_page_shows_the_newest_pages_or_those_of_the_version_asked_for(
    client: Client, half_signed: Document
) -> None:
    address = f"/en/v/{half_signed.code}/"

    newest = client.get(address).content.decode()
    first = client.get(address, {"version": "1"}).content.decode()
    odd = client.get(address, {"version": "no such"}).content.decode()

    count = half_signed.revisions.count()
    assert f"/v/{half_signed.code}/{count}/1.webp" in newest
    assert f"/v/{half_signed.code}/1/1.webp" in first
    assert "These are the pages of version 1 of" in first
    assert "These are the pages of version" not in newest + odd


def test_what_a_picture_cannot_tell_stands_there_as_text_in_both_languages(
    client: Client, half_signed: Document
) -> None:
    page = client.get(f"/uk/v/{half_signed.code}/").content.decode()

    assert '<div lang="en" dir="auto"><h3 class="type-1">1. How the parties help</h3>' in page
    assert '<div lang="uk" dir="auto"><h3 class="type-1">1. Як сторони допомагають</h3>' in page


def test_there_is_no_page_or_version_beyond_the_last(client: Client, half_signed: Document) -> None:
    code = half_signed.code

    answers = [
        client.get(f"/v/{code}/{path}.webp").status_code for path in ("1/99", "99/1", "1/0", "0/1")
    ]

    assert answers == [404] * 4


def _a_pdf(*, width: float, height: float) -> bytes:
    made = io.BytesIO()
    pdf = pypdfium2.PdfDocument.new()
    pdf.new_page(width, height)
    pdf.save(made)
    return made.getvalue()


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 and no more", b"\x00" * 5000])
def test_what_is_no_pdf_gets_no_picture(data: bytes) -> None:
    assert apart.answer(pages_child.__name__, pages_child.asked(1) + data, wall_s=20) is None


def test_an_endless_page_is_drawn_narrower() -> None:
    made = Image.open(io.BytesIO(pages.picture(_a_pdf(width=100, height=14_000), 1)))

    assert made.height == pages.HEIGHT_PX_MAX
    assert made.width < 40
