"""A photo of 4 MB over a line of 20 kB/s that breaks five times: how much is sent in all.

A whole Twinhood with its example, a real browser with the page's own script, and real TCP between
them that is slowed down and cut. Counted is what the browser sends from the moment at which the
photo is chosen until the page says that it is on the server: chunks that were lost half way, the
heads of requests, and the questions what is there already.
"""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect, sync_playwright

from tests.line import Line
from twinhood.documents.tests.photos import jpeg

PHOTO_BYTES = 4_000_000
BYTES_PER_S = 20_000
BREAKS = 5
RATIO_GOAL = 1.1
START_S = 300.0
PHOTOS = "/en/desk/stamford-kramatorsk/agreements/1/photos/"


def ratio() -> list[dict[str, Any]]:
    """Send it and compare what went out with what it holds."""
    with site() as port, tempfile.TemporaryDirectory() as folder:
        line = Line(port, bytes_per_s=BYTES_PER_S)
        photo = Path(folder) / "photo.jpg"
        whole = jpeg(4000, 3000)
        # What cameras put behind a picture: sound, a depth map. It has to arrive like the rest.
        photo.write_bytes(whole + random.Random(8).randbytes(PHOTO_BYTES - len(whole)))  # noqa: S311
        try:
            sent = _sent(line, photo)
        finally:
            line.close()
    value = round(sent / PHOTO_BYTES, 3)
    return [
        {"name": "upload_bytes_ratio", "value": value, "unit": "sent / size",
         "goal": f"<= {RATIO_GOAL}", "met": value <= RATIO_GOAL}
    ]  # fmt: skip


def _sent(line: Line, photo: Path) -> int:
    with sync_playwright() as playwright:
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        _enter(page, line)
        before = line.sent_bytes
        # At no round number: a break falls anywhere within a chunk.
        line.cuts_at = [before + int(PHOTO_BYTES * (n + 0.37) / BREAKS) for n in range(BREAKS)]
        page.locator("input[type=file]").set_input_files(photo)
        row = page.locator(".kept-file")
        expect(row).to_contain_text("On the server.", timeout=900_000)
        assert line.breaks == BREAKS, line.breaks
        return line.sent_bytes - before


def _enter(page: Page, line: Line) -> None:
    page.goto(f"http://localhost:{line.port}/en/who/")
    page.get_by_role("button", name="Iryna").first.click()
    page.wait_for_url("**/desk/**")
    page.goto(f"http://localhost:{line.port}{PHOTOS}", wait_until="networkidle")
    page.wait_for_timeout(5_000)


@contextmanager
def site() -> Iterator[int]:
    """A `twinhood run` with the example, in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="twinhood-uploads-"))
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = int(probe.getsockname()[1])
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"PORT": str(port), "TWINHOOD_VAR": str(folder), "TWINHOOD_LOG_LEVEL": "WARNING"}
    process = subprocess.Popen(
        [sys.executable, "-m", "twinhood", "run"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    said: list[str] = []
    assert process.stdout is not None
    lines = iter(process.stdout.readline, "")
    threading.Thread(target=said.extend, args=(lines,), daemon=True).start()
    try:
        deadline = time.monotonic() + START_S
        while not any("http://localhost" in one for one in said):
            assert process.poll() is None, "".join(said)
            assert time.monotonic() < deadline, "".join(said)
            time.sleep(0.2)
        yield port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


BENCHMARKS = {"upload_bytes_ratio": ratio}
