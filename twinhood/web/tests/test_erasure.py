"""S11: who is forgotten leaves the sums, the traces and everything signed as they were."""

import json
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from twinhood.deliveries.tests.world import World
from twinhood.giving import actions as giving
from twinhood.giving import queries
from twinhood.giving.core.offline import OfflineGift
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.models import Donor, Gift
from twinhood.kit import clock
from twinhood.needs.tests.world import AT
from twinhood.opendata import actions as opendata
from twinhood.verify import command

pytestmark = pytest.mark.django_db
ANNA = DonorFacts(name="Anna Koval", email="anna@example.org", address="12 Main St")
LATER = AT + timedelta(days=15)


@pytest.fixture
def world(tmp_path: Path, settings: Any) -> Iterator[World]:
    settings.PUBLIC_FILES_DIR = tmp_path / "public-files"
    settings.KEYS_DIR = tmp_path / "keys"
    with clock.showing(AT):
        yield World()


def given(world: World) -> tuple[Gift, str]:
    """Anna's gift, her name shown, which bought part of an ambulance; and its secret."""
    rows = [
        OfflineGift(
            rail="cheque",
            intake_key=name,
            fund_code="main",
            amount_minor=amount_minor,
            currency="USD",
            received_date=date(2025, 8, 1),
            donor=donor,
            purpose="Ambulances",
            shows_name=bool(donor.name),
        )
        for name, amount_minor, donor in (("a", 2_500, ANNA), ("b", 8_250_000, DonorFacts()))
    ]
    at = AT - timedelta(days=365)
    taken = giving.take_in(partnership=world.partnership, person=None, rows=rows, at=at)
    giving.post_settled()
    order = world.proposed(1)
    world.approved_by(order, world.tom, world.lesia)
    (unit,) = world.with_serials(order)
    world.handed_over(unit)
    return Gift.objects.get(ref=taken.new[0].ref), taken.new[0].secret


def public_file(world: World) -> Path:
    row = opendata.build(world.partnership)
    return opendata.folder() / row.path


def texts_of(path: Path) -> str:
    """What can be read in a public file, but for the day it was made."""
    with zipfile.ZipFile(path) as file:
        return b"\n".join(
            file.read(name) for name in file.namelist() if not name.endswith(".parquet")
        ).decode()


def test_s11_a_public_file_made_before_an_erasure_and_one_after_both_hold(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    gift, secret = given(world)
    with clock.showing(LATER):
        old = public_file(world)
        before = (queries.totals(world.partnership), trace_of(secret))

        giving.erase(donor=Donor.objects.get(sealed__isnull=False))
        world.give(4_200)
        new = public_file(world)
        said = [held(capsys, str(old)), held(capsys, str(new), "--since", str(old))]
        after = (queries.totals(world.partnership), trace_of(secret))

    assert all(word.startswith("Holds") for word in said), said
    assert old != new
    assert before == after
    for path in (old, new):
        assert "Anna" not in texts_of(path)
        assert "anna@" not in texts_of(path)
    assert queries.names_for([gift.key]) == {}


def held(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    command.main(arguments)
    return capsys.readouterr().out


def trace_of(secret: str) -> str:
    """The headline of a secret trace link."""
    page = Client().get(f"/en/t/{secret}/").content.decode()
    return page.partition("<title>")[2].partition("</title>")[0]


def test_s11_the_proof_of_a_gift_holds_after_its_donor_is_forgotten(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, secret = given(world)
    opendata.seal_all()
    before = proof_of(secret)

    giving.erase(donor=Donor.objects.get(sealed__isnull=False))
    after = proof_of(secret)
    (tmp_path / "proof.json").write_bytes(after)

    assert json.loads(before)["leaf"] == json.loads(after)["leaf"]
    assert held(capsys, str(tmp_path / "proof.json")).startswith("Holds")
    opened = Client().post(f"/en/t/{secret}/proof/", {"told": "anna@example.org"})
    assert opened.status_code == 422


def proof_of(secret: str) -> bytes:
    return Client().get(f"/en/t/{secret}/proof.json").content


def test_s11_the_page_of_the_thing_names_nobody_afterwards(world: World) -> None:
    given(world)
    unit = world.partnership.orders.get().units.get()
    address = f"/en/p/{world.partnership.slug}/units/{unit.code}/gifts/"
    with clock.showing(LATER):
        before = Client().get(address).content.decode()
        giving.erase(donor=Donor.objects.get(sealed__isnull=False))
        after = Client().get(address).content.decode()

    assert "Anna Koval" in before
    assert "Anna Koval" not in after
