"""Papers that other people's programs signed: checked as any other, and told what they lack."""

import io
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from twinhood.documents.core.checking import check
from twinhood.documents.core.checking_report import Known, Level, Report, Verdict
from twinhood.documents.core.checking_telling import verdict_of
from twinhood.documents.tests.signed_papers import (
    FIELDS,
    NOW,
    Identity,
    World,
    canonical,
    certified,
    frozen,
    named,
    stamped,
)
from twinhood.documents.tests.test_judges import judged

PASSWORD = b"a"


@dataclass(frozen=True)
class Files:
    """A key and its certificate, as other programs want them."""

    folder: Path
    identity: Identity

    def __post_init__(self) -> None:
        (self.folder / "cert.pem").write_bytes(self.identity.pem)
        (self.folder / "key.der").write_bytes(self.identity.asn1_key.dump())
        bundle = pkcs12.serialize_key_and_certificates(
            b"a", self.identity.key, self.identity.cert, None, BestAvailableEncryption(PASSWORD)
        )
        (self.folder / "key.p12").write_bytes(bundle)


def looked_at(data: bytes, known: Known) -> Report:
    return check(data, known, at=NOW)


def codes(report: Report) -> set[str]:
    return {one.code for one in report.every_check() if one.result in {"open", "failed"}}


def test_mutool_signs_with_a_method_of_the_last_century(
    tmp_path: Path, authority: World, trusting: Known
) -> None:
    mayor = certified(named("DEMO, Mayor"), authority.root, stamps_time=True)
    files = Files(tmp_path, mayor)
    paper = frozen(fields=FIELDS[:1])
    (tmp_path / "paper.pdf").write_bytes(paper)
    field = PdfFileReader(io.BytesIO(paper)).root["/AcroForm"]["/Fields"].raw_get(0).idnum

    judged("mutool", "sign", "-s", str(files.folder / "key.p12"), "-P", "a",
          "-o", str(tmp_path / "signed.pdf"), str(tmp_path / "paper.pdf"), str(field))  # fmt: skip
    report = looked_at((tmp_path / "signed.pdf").read_bytes(), trusting)

    assert report.verdict is Verdict.OPEN
    assert report.approvals[0].level is Level.NONE
    assert "a method that is no longer safe: sha1" in verdict_of(report)


def test_what_openssl_signed_is_checked_like_our_own(
    tmp_path: Path, authority: World, trusting: Known
) -> None:
    files = Files(tmp_path, authority.stamford)
    paper = by_openssl(frozen(fields=FIELDS[:1]), files)

    alone, later = looked_at(paper, trusting), looked_at(stamped(paper, authority), trusting)

    assert alone.approvals[0].level is Level.BASIC
    assert (alone.verdict, "time" in codes(alone)) == (Verdict.OPEN, True)
    assert later.verdict is Verdict.HOLDS
    assert later.approvals[0].holder is not None
    assert later.approvals[0].holder.office == "Mayor"


def by_openssl(paper: bytes, files: Files) -> bytes:
    """The paper with a signature in its first field that openssl made (CAdES)."""
    writer = IncrementalPdfFileWriter(io.BytesIO(paper))
    embedder = PdfCMSEmbedder().write_cms(FIELDS[0], writer, existing_fields_only=True)
    next(embedder)
    made = SignatureObject(subfilter=SigSeedSubFilter.PADES, bytes_reserved=8192)
    embedder.send(SigObjSetup(sig_placeholder=made))
    prepared, output = embedder.send(SigIOSetup(md_algorithm="sha256"))
    begins, ends = prepared.reserved_region_start, prepared.reserved_region_end
    data = output.getvalue()
    (files.folder / "signed.bin").write_bytes(data[:begins] + data[ends:])
    run = subprocess.run(
        ["openssl", "cms", "-sign", "-binary", "-cades", "-outform", "DER", "-md", "sha256",
         "-signer", "cert.pem", "-inkey", "key.der", "-keyform", "DER", "-in", "signed.bin"],
        cwd=files.folder, capture_output=True, check=True,
    )  # fmt: skip
    digits = run.stdout.hex().encode().ljust(ends - begins - 2, b"0")
    return canonical(data[:begins] + b"<" + digits + b">" + data[ends:])


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("CRITICAL", logger="pyhanko")
