"""Papers that other people's programs signed, brought to the page where a city uploads them."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from twinhood.documents.models import Signature
from twinhood.documents.tests.signed_papers import Identity, certified, named
from twinhood.people.models import Partnership
from twinhood.twinnings import drafting, signing
from twinhood.twinnings.core.drafting import Side
from twinhood.twinnings.models import Seat
from twinhood.twinnings.queries import seats_of
from twinhood.twinnings.tests.world import AT, Cities

PASSWORD = b"secret"


def ran(*command: str | Path) -> None:
    """Run somebody else's program; skipped with its name where it is not installed."""
    if shutil.which(str(command[0])) is None:
        if os.environ.get("CI"):
            pytest.fail(f"CI must have {command[0]}.")
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def cities(partnership: Partnership) -> Cities:
    return Cities(partnership, is_example=True)


@pytest.fixture
def seat(cities: Cities) -> Seat:
    """The mayor's place on a paper that both cities agreed to."""
    terms = {Side.GIVING: cities.term(Side.GIVING, cities.mayor),
             Side.RECEIVING: cities.term(Side.RECEIVING, cities.head)}  # fmt: skip
    draft = cities.draft()
    seen = drafting.last_version(draft).sha256
    for side, by in ((Side.GIVING, cities.dana), (Side.RECEIVING, cities.iryna)):
        drafting.mark_agreed(draft=draft, seen_sha256=seen, by=by, side=side, at=AT)
    signing.freeze(draft=draft, terms=terms, by=cities.dana, at=AT)
    return next(seat for seat in seats_of(draft) if seat.side == Side.GIVING)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """A key with its certificate and the issuer's, as people are given it by an authority."""
    root = certified(named("DEMO, National root"), is_ca=True)
    own: Identity = certified(named("DEMO, Mayor"), root, stamps_time=True)
    path = tmp_path / "mayor.p12"
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"mayor", own.key, own.cert, [root.cert], BestAvailableEncryption(PASSWORD)
        )
    )
    return path


def by_pdfsig(taken: Path, bundle: Path, field: str, signed: Path) -> None:
    store = bundle.parent / "nss"
    store.mkdir()
    word = bundle.parent / "word"
    word.write_bytes(PASSWORD)
    ran("certutil", "-N", "-d", store, "--empty-password")
    ran("pk12util", "-i", bundle, "-d", store, "-w", word, "-K", "")
    ran("pdfsig", taken, signed, "-sign", field, "-nick", "mayor", "-nssdir", store,
        "-nss-pwd", "", "-etsi")  # fmt: skip


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "wrote the file against the rules of PDF"),
        ("uk", "записала файл не за правилами PDF"),
    ],
)
def test_what_a_program_wrote_against_the_rules_is_sent_back_with_the_reason(
    cities: Cities, seat: Seat, bundle: Path, tmp_path: Path, language: str, said: str
) -> None:
    """Poppler's pdfsig 22.12 gives objects a generation that never was: readers may disagree."""
    client = cities.signed_in(cities.mayor)
    taken, signed = tmp_path / "paper.pdf", tmp_path / "signed.pdf"
    taken.write_bytes(client.post(address(language, "taking", seat)).content)
    by_pdfsig(taken, bundle, seat.slot.field_name, signed)

    answer = bring(client, language, seat, signed)

    assert answer.status_code == 422
    assert said in words_of(answer)
    assert not Signature.objects.exists()


def test_what_was_saved_anew_is_sent_back_with_the_reason(
    cities: Cities, seat: Seat, tmp_path: Path
) -> None:
    client = cities.signed_in(cities.mayor)
    taken, signed = tmp_path / "paper.pdf", tmp_path / "cleaned.pdf"
    taken.write_bytes(client.post(address("en", "taking", seat)).content)
    ran("mutool", "clean", taken, signed)

    answer = bring(client, "en", seat, signed)

    assert answer.status_code == 422
    assert "This is not the paper that was given away" in words_of(answer)
    assert not Signature.objects.exists()


def bring(client: Any, language: str, seat: Seat, signed: Path) -> Any:
    file = SimpleUploadedFile("signed.pdf", signed.read_bytes(), "application/pdf")
    return client.post(address(language, "upload", seat), {"own-file": file}, follow=True)


def address(language: str, name: str, seat: Seat) -> str:
    with translation.override(language):
        return reverse(f"twinnings:{name}", args=["stamford-kramatorsk", seat.pk])


def words_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())
