"""Giving's tests make donors' keys in a folder of their own."""

from importlib import import_module
from pathlib import Path

import pytest
from pytest_django import Settings

from twinhood.giving import offering, rails
from twinhood.giving.tests import donor_form
from twinhood.needs.models import Campaign


@pytest.fixture(autouse=True)
def _own_keys(tmp_path: Path, settings: Settings) -> None:
    settings.KEYS_DIR = tmp_path / "keys"


@pytest.fixture
def pay(monkeypatch: pytest.MonkeyPatch) -> donor_form.Pay:
    """A card rail that does what the test tells it to, in place of the real one."""
    online = donor_form.Pay()
    card = donor_form.card_by(online)
    offered = (*(rail for rail in rails.RAILS if rail.code != "card"), card)
    monkeypatch.setitem(rails.BY_CODE, "card", card)
    for module in (offering, import_module("twinhood.giving.views.give")):
        monkeypatch.setattr(module, "RAILS", offered)
    return online


@pytest.fixture
def campaign(pay: donor_form.Pay) -> Campaign:
    """An open campaign, with that rail and transfers."""
    return donor_form.open_campaign_here()
