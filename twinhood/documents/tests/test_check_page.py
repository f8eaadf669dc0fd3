"""The check page: by a code, of a copy, in both languages, with nothing kept."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from twinhood.documents import actions, logged, verdicts
from twinhood.documents.core import checking_child
from twinhood.documents.core.checking_report import (
    Anchor,
    Known,
    Purpose,
    Report,
    Verdict,
    as_json,
    from_json,
)
from twinhood.documents.models import Document, TrustedIssuer
from twinhood.documents.store import the_store
from twinhood.documents.tests.papers import agreement, head, mayor
from twinhood.documents.tests.signed_papers import NOW, World, frozen
from twinhood.documents.views import checking as views
from twinhood.kit import clock
from twinhood.people.models import Person
from twinhood.translog import actions as translog

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_here() -> Document:
    """The specimen, signed by both offices here."""
    olha = Person.objects.create_user("olha@example.org", name="Olha")
    document = actions.freeze(agreement(), about="agreement:1")
    one, two = document.slots.order_by("position")
    actions.sign_specimen(slot=one, capacity=mayor(), person=olha)
    actions.sign_specimen(slot=two, capacity=head(), person=olha)
    return document


def bring(client: Client, data: bytes, at: str = "/en/v/") -> Any:
    return client.post(at, {"paper": SimpleUploadedFile("copy.pdf", data, "application/pdf")})


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def bytes_of(document: Document) -> bytes:
    return the_store().get(actions.last_revision(document).sha256)


def test_a_paper_signed_here_holds_by_its_code(client: Client, signed_here: Document) -> None:
    response = client.get(f"/en/v/{signed_here.code}/")

    page = words(response)
    assert response.status_code == 200
    assert "The paper holds" in page
    assert "Holds. Signed by" in page
    assert page.count("Timestamp over the whole paper") == 2
    assert "B-LTA" in page
    assert "A specimen" in page
    assert "City Charter, C3-10" in page
    assert "since 1 December 2021" in page


def test_the_address_on_the_paper_leads_to_the_page(client: Client, signed_here: Document) -> None:
    response = client.get(f"/v/{signed_here.code}", follow=True)

    assert response.redirect_chain[-1][0].endswith(f"/v/{signed_here.code}/")
    typed = f"{signed_here.code[:5].lower()}-{signed_here.code[5:]}"
    assert client.get("/en/v/", {"code": typed}).headers["Location"].endswith(
        f"/v/{signed_here.code}/"
    )  # fmt: skip


def test_a_wrong_code_is_told_and_stays_in_the_field(client: Client) -> None:
    response = client.get("/en/v/", {"code": "nothing here"})

    assert response.status_code == 422
    assert "No paper here has this code." in words(response)
    assert 'value="nothing here"' in words(response)
    assert client.get("/en/v/3333333333/").status_code == 404


def test_the_page_says_where_the_paper_stands_in_the_log(
    client: Client, signed_here: Document, settings: Any, tmp_path: Path
) -> None:
    settings.LOG_DIR = tmp_path / "log"
    address = f"/en/v/{signed_here.code}/"

    before = words(client.get(address))
    for revision in logged.unlogged([signed_here]):
        logged.append(revision, partnership="stamford-kramatorsk")
    waiting = words(client.get(address))
    sealed = translog.seal()
    after = words(client.get(address))
    copy = words(bring(client, bytes_of(signed_here), address))

    assert sealed is not None
    last = f"leaf {sealed.size - 1}, under the checkpoint over {sealed.size} leaves"
    assert "The transparency log does not name its SHA-256." in before
    assert "no checkpoint covers it yet" in waiting
    assert last in after
    assert last in copy
    assert "The paper holds" in after
    assert not logged.unlogged([signed_here]).exists()
    proof = f"/v/{signed_here.code}/{signed_here.revisions.count()}/proof.json"
    assert proof in after
    assert client.get(proof).json()["leaf"]["sha256"] == actions.last_revision(signed_here).sha256
    assert client.get(f"/v/{signed_here.code}/99/proof.json").status_code == 404


def test_a_log_that_lost_its_files_is_not_said_to_show_the_paper(
    client: Client, signed_here: Document, settings: Any, tmp_path: Path
) -> None:
    settings.LOG_DIR = tmp_path / "log"
    for revision in logged.unlogged([signed_here]):
        logged.append(revision, partnership="stamford-kramatorsk")
    translog.seal()
    settings.LOG_DIR = tmp_path / "other"

    page = words(client.get(f"/en/v/{signed_here.code}/"))

    assert "should name its SHA-256, and that cannot be shown just now" in page
    assert "The paper holds" not in page


def test_an_own_copy_is_compared_with_what_is_kept(client: Client, signed_here: Document) -> None:
    data = bytes_of(signed_here)
    address = f"/en/v/{signed_here.code}/"

    same = words(bring(client, data, address))
    older = words(bring(client, data[: signed_here.revisions.get(number=1).length_bytes], address))
    altered = bytearray(data)
    altered[1000] ^= 1
    other = words(bring(client, bytes(altered), address))

    assert "The paper holds" in same
    assert "It is the paper kept here, byte for byte: version 5 of 5." in same
    assert "Later something was added to the paper kept here: version 5." in older
    assert "The paper does not hold" in other
    assert "It is not the paper that is kept here under this code." in other


def test_a_copy_can_be_checked_without_a_code_and_in_ukrainian(
    client: Client, signed_here: Document
) -> None:
    page = words(bring(client, bytes_of(signed_here), "/uk/v/"))

    assert "Документ дійсний. Підписи:" in page
    assert "Останній підпис або позначка часу охоплює весь файл." in page


@pytest.mark.parametrize(
    ("data", "status", "told"),
    [
        (b"", 422, "The file is empty."),
        (b"hello", 200, "The file is no PDF"),
        (b"%PDF-1.7\n" + b"[" * 100_000 + b"\nstartxref\n9\n%%EOF\n", 200, "cannot be checked"),
    ],
)
def test_what_is_no_paper_gets_a_sentence(
    client: Client, data: bytes, status: int, told: str
) -> None:
    response = bring(client, data)

    assert response.status_code == status
    assert told in words(response)


def test_no_file_and_too_large_a_file_are_told(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = client.post("/en/v/", {})
    monkeypatch.setattr(views, "BODY_BYTES_MAX", 100)
    large = bring(client, b"%PDF-" + b"0" * 1000)

    assert (nothing.status_code, large.status_code) == (422, 413)
    assert "Choose a PDF file." in words(nothing)
    assert "larger than 20 MB" in words(large)


def test_after_sixty_papers_in_an_hour_one_is_asked_to_wait(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "CHECKS_MAX", 1)

    first, second = bring(client, b"hello"), bring(client, b"hello")

    assert (first.status_code, second.status_code) == (200, 429)
    assert "twinhood verify" in words(second)


def test_nothing_of_a_copy_is_kept(client: Client, tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_DIR = tmp_path / "media"
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10

    bring(client, frozen())

    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_each_version_can_be_saved_and_is_not_shown_in_the_browser(
    client: Client, signed_here: Document
) -> None:
    response = client.get(f"/v/{signed_here.code}/2.pdf")

    assert response.content == bytes_of(signed_here)[: len(response.content)]
    assert response.headers["Content-Disposition"].startswith("attachment; ")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"] == (
        "default-src 'none'; frame-ancestors 'none'; sandbox"
    )
    assert client.get(f"/v/{signed_here.code}/9.pdf").status_code == 404


def test_the_technical_report_is_json(client: Client, signed_here: Document) -> None:
    data = json.loads(client.get(f"/v/{signed_here.code}/report.json").content)

    assert (data["verdict"], data["code"]) == ("holds", signed_here.code)
    assert len(data["signatures"]) == 4


def test_bytes_that_are_missing_are_said_to_be_missing(
    client: Client, signed_here: Document, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_DIR = tmp_path

    response = client.get(f"/en/v/{signed_here.code}/")

    assert response.status_code == 503
    assert "bytes of this paper are missing" in words(response)


def test_the_operators_list_is_believed_in_its_time_and_for_its_purpose(
    authority: World, complete: bytes
) -> None:
    def listed(der: bytes, purpose: str, until: Any) -> None:
        TrustedIssuer.objects.create(
            name="A root", purpose=purpose, certificate=der, sha256=f"{purpose:0<64}",
            source="https://list.example", from_date=NOW.date() - timedelta(days=9),
            until_date=until, added_at=NOW,
        )  # fmt: skip

    listed(authority.root.der, "signatures", NOW.date())
    listed(authority.tsa_root.der, "timestamps", NOW.date())

    with clock.showing(NOW):  # midnight may have come since the paper was signed
        good = verdicts.of_upload(complete).report
        TrustedIssuer.objects.filter(purpose="signatures").update(ended_at=NOW - timedelta(days=1))
        ended = verdicts.of_upload(complete).report

    assert good.verdict is Verdict.HOLDS
    assert good.approvals[0].trusted_by == "A root (https://list.example)"
    assert (ended.verdict, ended.decisive and ended.decisive.code) == (Verdict.OPEN, "trust")


def test_a_report_survives_its_way_out_of_the_child(complete: bytes, trusting: Known) -> None:
    from twinhood.documents.core.checking import check

    report: Report = check(complete, trusting, at=NOW)
    assert from_json(json.loads(json.dumps(as_json(report)))) == report

    line = json.loads(checking_child.asked(trusting, NOW))
    assert checking_child.known_from(line) == trusting
    assert Anchor(b"0", "s", NOW, None, frozenset({Purpose.TIME})).held(NOW)


def test_a_child_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "WALL_S", 0.001)

    report = verdicts.of_upload(frozen()).report

    assert [check.code for check in report.checks] == ["too-much"]


def test_of_a_private_paper_hashes_are_shown_and_nothing_that_it_says(client: Client) -> None:
    document = actions.freeze(agreement(), about="act:1", is_private=True)
    olha = Person.objects.create_user("olha@example.org", name="Olha")
    actions.sign_specimen(slot=document.slots.get(position=1), capacity=head(), person=olha)

    page = words(client.get(f"/en/v/{document.code}/"))

    hashes = document.revisions.values_list("sha256", flat=True)
    assert len(hashes) > 1
    assert all(name in page for name in hashes)
    assert "This paper is kept private." in page
    for said in ("military administration", "DEMO", "How the parties help", "B-LTA"):
        assert said not in page
    assert client.get(f"/v/{document.code}/1.pdf").status_code == 404
    assert client.get(f"/v/{document.code}/1/1.webp").status_code == 404
    assert client.get(f"/v/{document.code}/report.json").status_code == 404
    brought = words(bring(client, bytes_of(document), f"/en/v/{document.code}/"))
    assert "military administration" in brought
