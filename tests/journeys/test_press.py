"""S11: a journalist takes the public file along and checks it where there is no network."""

import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from tests.journeys.conftest import CHECKOUT_DIR, P, Site

NO_NETWORK = ("unshare", "--net", "--map-root-user")


def test_s11_3_ivan_verifies_the_public_file_without_network_and_an_altered_cent_is_named(
    site: Site, be: Callable[..., Page], tmp_path: Path
) -> None:
    file = downloaded(be("Grant"), site, tmp_path / "public-file.zip")
    folder = tmp_path / "file"
    zipfile.ZipFile(file).extractall(folder)

    holds = verified(file)
    one_cent_more(folder / "ledger" / "transfers.csv")
    altered = verified(folder)

    assert holds.returncode == 0, holds.stdout
    assert altered.returncode == 1
    assert "Does not hold: ledger/transfers.csv" in altered.stdout


def downloaded(page: Page, site: Site, to: Path) -> Path:
    """Fetch the zip by its button; the worker makes it soon after the start."""
    deadline = time.monotonic() + 60
    link = page.locator("a[href$='/public-file.zip']").first
    page.goto(site.at(P + "public-file/"))
    while link.count() == 0:
        assert time.monotonic() < deadline, page.locator("main").inner_text()
        time.sleep(1)
        page.reload()
    with page.expect_download() as fetched:
        link.click()
    fetched.value.save_as(to)
    return to


def one_cent_more(table: Path) -> None:
    """Add a cent to the first sum of a table."""
    text = table.read_text(encoding="utf-8")
    sum_ = re.search(r"\d+\.\d\d", text)
    assert sum_ is not None
    more = f"{int(sum_[0].replace('.', '')) + 1}"
    table.write_text(text.replace(sum_[0], f"{more[:-2]}.{more[-2:]}", 1), encoding="utf-8")


def verified(what: Path) -> "subprocess.CompletedProcess[str]":
    """Run the verifier with no database named and, where the machine allows it, no network."""
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    alone = [*NO_NETWORK] if can_be_alone() else []
    return subprocess.run(
        [*alone, sys.executable, "-m", "twinhood", "verify", str(what)],
        env=environment | {"PYTHONPATH": str(CHECKOUT_DIR)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def can_be_alone() -> bool:
    if shutil.which("unshare") is None:
        return False
    return subprocess.run([*NO_NETWORK, "true"], check=False, capture_output=True).returncode == 0
