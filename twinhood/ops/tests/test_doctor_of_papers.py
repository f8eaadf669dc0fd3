"""What the doctor says of papers: keys, timestamps, levels, and what is revoked."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from pytest_django import Settings

from twinhood.documents import actions, offices
from twinhood.documents.models import LevelReached
from twinhood.documents.tests import tsa
from twinhood.documents.tests.papers import agreement, head, mayor
from twinhood.kit import clock
from twinhood.ops import doctor
from twinhood.people.models import Person

pytestmark = pytest.mark.django_db


def test_before_the_first_signature_nothing_is_missing() -> None:
    findings = [*doctor._office_keys(), *doctor._levels(), *doctor._revocations()]

    assert [finding.mark for finding in findings] == ["--", "OK", "--"]


def test_a_lost_key_is_a_finding(tmp_path: Path, settings: Settings) -> None:
    settings.KEYS_DIR = tmp_path / "keys"
    offices.identity_for(mayor(), is_specimen=True)
    there = next(doctor._office_keys())
    key = tmp_path / "keys" / "documents.key"
    key.unlink()
    lost = next(doctor._office_keys())
    key.write_text("something else\n", "ascii")
    other = next(doctor._office_keys())

    assert (there.mark, lost.mark, other.mark) == ("OK", "!!", "!!")
    assert "that are good: 1." in there.text
    assert "documents.key" in lost.text


def test_a_timestamp_server_is_asked(settings: Settings, tmp_path: Path) -> None:
    settings.TSA_TIMEOUT_S = 1.0
    settings.TSA_URL = ""
    none = next(doctor._timestamps())
    with tsa.running() as server:
        settings.TSA_URL = server.url
        untrusted = next(doctor._timestamps())
        root = tmp_path / "root.crt"
        root.write_bytes(server.root.certificate)
        call_command("trust_issuer", str(root), "--for", "timestamps", "--source", "its page")
        well = next(doctor._timestamps())
        server.does = "slow"
        slow = next(doctor._timestamps())
        server.does = "junk"
        junk = next(doctor._timestamps())
    gone = next(doctor._timestamps())

    assert (none.mark, untrusted.mark, well.mark) == ("--", "!!", "OK")
    assert "manage trust_issuer" in untrusted.text
    assert (slow.mark, junk.mark, gone.mark) == ("!!", "!!", "!!")


def test_papers_that_wait_for_a_level_are_counted(settings: Settings) -> None:
    settings.TSA_URL = "http://127.0.0.1:9/"
    olha = Person.objects.create_user("olha@example.org", name="Olha")
    document = actions.freeze(agreement(), about="agreement:1")
    one, two = document.slots.order_by("position")
    with clock.showing(clock.now() - timedelta(hours=3)):
        actions.sign_specimen(slot=one, capacity=mayor(), person=olha)
        actions.sign_specimen(slot=two, capacity=head(), person=olha)

    long = next(doctor._levels())
    settings.TSA_URL = ""
    without = next(doctor._levels())

    assert not LevelReached.objects.filter(level="B-LTA").exists()
    assert (long.mark, without.mark) == ("!!", "--")
    assert "1, the oldest for 3 h" in long.text


def test_a_list_of_revoked_certificates_that_grew_old_is_a_finding() -> None:
    now = clock.now()
    with clock.showing(now - timedelta(days=9)):
        offices.issue_list()
    out = next(doctor._revocations())
    with clock.showing(now - timedelta(days=2)):
        offices.issue_list()
    late = next(doctor._revocations())
    offices.issue_list()
    fresh = next(doctor._revocations())

    assert (out.mark, late.mark, fresh.mark) == ("!!", "!!", "OK")
    assert "ran out" in out.text
