"""A witness cosigns a log that only grows, and nothing else."""

import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from twinhood.translog.core import note
from twinhood.translog.core.note import Checkpoint, Key
from twinhood.witness.errors import BadFile, Refused, Unreachable
from twinhood.witness.fetching import Log
from twinhood.witness.keeping import make_key, read_key, read_state
from twinhood.witness.tests.logs import (
    KEY,
    NEXT_KEY,
    NEXT_PRIVATE,
    ORIGIN,
    Served,
    leaves,
    sealed,
    send,
    served,
)
from twinhood.witness.watching import Watch

NOW_S = 1_795_000_000


@pytest.fixture
def log() -> Iterator[Served]:
    with served(sealed(leaves(300))) as found:
        yield found


@pytest.fixture
def watch(log: Served, tmp_path: Path) -> Watch:
    make_key("newsroom", tmp_path / "key")
    signer = read_key(tmp_path / "key")
    where = Log.at(log.url, answer_s=5.0)
    return Watch(where, signer, tmp_path / "state", KEY, now=lambda: NOW_S)


def signed_by(log: Served, key: Key) -> list[Checkpoint]:
    """What was handed in, after verifying it."""
    found = []
    for data in log.handed_in:
        read = note.open_note(data, key)
        signature = read.by(key)
        assert signature is not None
        assert note.cosigned_at(signature) == NOW_S
        found.append(note.parse_checkpoint(read.text))
    return found


def test_a_growing_log_is_cosigned_each_time_it_grew(log: Served, watch: Watch) -> None:
    assert watch.look().startswith("cosigned 300 leaves")
    assert watch.look().startswith("nothing new")
    for size in (301, 512, 513, 70_000):
        log.files = sealed(leaves(size))
        assert watch.look().startswith(f"cosigned {size} leaves")

    signed = signed_by(log, watch.signer.key)
    assert [one.size for one in signed] == [300, 301, 512, 513, 70_000]


def test_the_first_time_a_person_gives_the_log_s_key(watch: Watch) -> None:
    with pytest.raises(BadFile, match="--log"):
        replace(watch, log_key=None).look()

    watch.look()

    assert replace(watch, log_key=None).look().startswith("nothing new")


def test_a_log_of_another_key_is_not_cosigned(log: Served, watch: Watch) -> None:
    log.files = sealed(leaves(300), NEXT_PRIVATE, NEXT_KEY)

    with pytest.raises(Refused, match="not signed by the log's key"):
        watch.look()
    assert not log.handed_in


def test_a_handed_over_key_is_taken_from_a_person_and_the_history_goes_on(
    log: Served, watch: Watch
) -> None:
    watch.look()
    log.files = sealed(leaves(310), NEXT_PRIVATE, NEXT_KEY)

    with pytest.raises(Refused, match="handed over"):
        watch.look()
    assert replace(watch, log_key=NEXT_KEY).look().startswith("cosigned 310")
    assert replace(watch, log_key=None).look().startswith("nothing new")
    log.files = sealed(leaves(320, "other"), NEXT_PRIVATE, NEXT_KEY)
    with pytest.raises(Refused, match="do not begin with"):
        replace(watch, log_key=NEXT_KEY).look()


@pytest.mark.parametrize("size", [299, 1, 256])
def test_a_log_that_went_back_is_refused_and_kept_as_evidence(
    log: Served, watch: Watch, size: int
) -> None:
    watch.look()
    log.files = sealed(leaves(size))

    with pytest.raises(Refused, match=f"went back from 300 leaves to {size}"):
        watch.look()

    beside = watch.state.with_name("state.fork-1")
    assert beside.read_bytes() == log.files["checkpoint"]
    assert len(log.handed_in) == 1


def test_two_trees_of_one_size_are_refused(log: Served, watch: Watch) -> None:
    watch.look()
    log.files = sealed(leaves(300, "other"))

    with pytest.raises(Refused, match="two roots for 300 leaves"):
        watch.look()
    assert watch.state.with_name("state.fork-1").exists()


@pytest.mark.parametrize("changed", [0, 299])
def test_a_longer_tree_with_another_beginning_is_refused(
    log: Served, watch: Watch, changed: int
) -> None:
    watch.look()
    told = leaves(400)
    told[changed] = b"another"
    log.files = sealed(told)

    with pytest.raises(Refused, match="do not begin with the 300 seen before"):
        watch.look()
    assert len(log.handed_in) == 1


def test_tiles_that_do_not_give_the_root_are_refused(log: Served, watch: Watch) -> None:
    log.files = sealed(leaves(301)) | {"checkpoint": sealed(leaves(301, "other"))["checkpoint"]}

    with pytest.raises(Refused, match="do not give the root"):
        watch.look()


def test_the_beginning_of_a_full_tile_stands_in_for_one_that_was_filling(
    log: Served, watch: Watch
) -> None:
    log.files = sealed(leaves(600)) | log.files
    del log.files["tile/0/001.p/44"]

    assert watch.look().startswith("cosigned 300 leaves")


def test_a_missing_tile_and_a_short_one_sign_nothing(log: Served, watch: Watch) -> None:
    path = "tile/0/001.p/44"
    whole = log.files[path]
    del log.files[path]
    with pytest.raises(Unreachable, match="does not have it"):
        watch.look()
    log.files[path] = whole[:-1]
    with pytest.raises(Refused, match="prove nothing"):
        watch.look()
    assert not log.handed_in


def test_what_was_signed_is_on_the_disk_before_it_is_handed_in(log: Served, watch: Watch) -> None:
    seen = []

    def look_first(request: BaseHTTPRequestHandler) -> None:
        state = read_state(watch.state)
        assert state is not None
        seen.append((state.checkpoint.size, state.is_handed_in))
        send(request, 200, b"")

    log.odd["cosignatures"] = look_first

    watch.look()

    assert seen == [(300, False)]


def test_a_cosignature_that_was_not_taken_is_handed_in_again(log: Served, watch: Watch) -> None:
    log.takes = 503
    with pytest.raises(Unreachable, match="answered 503 thanks"):
        watch.look()
    log.takes = 200

    watch.look()

    assert log.handed_in[0] == log.handed_in[1]


def test_after_a_crash_before_handing_in_another_root_is_still_refused(
    log: Served, watch: Watch
) -> None:
    log.takes = 500
    with pytest.raises(Unreachable):
        watch.look()
    log.files = sealed(leaves(300, "other"))

    with pytest.raises(Refused, match="two roots"):
        watch.look()


def test_a_state_that_cannot_be_written_signs_nothing(log: Served, watch: Watch) -> None:
    nowhere = replace(watch, state=watch.state / "none" / "state")

    with pytest.raises(BadFile):
        nowhere.look()
    assert not log.handed_in


@pytest.mark.parametrize("text", ["", "{", "[]", '{"log":1}', '{"log":"x","note":"","x":1}'])
def test_a_state_that_is_none_is_not_overwritten(watch: Watch, text: str) -> None:
    watch.state.write_text(text)

    with pytest.raises(BadFile, match="no witness's state"):
        watch.look()
    assert watch.state.read_text() == text


def test_a_state_that_was_edited_is_refused(log: Served, watch: Watch) -> None:
    watch.look()
    watch.state.write_text(watch.state.read_text().replace("\\n300\\n", "\\n30\\n"))

    with pytest.raises(BadFile, match="no witness's state"):
        watch.look()


NO_CHECKPOINTS = [
    b"", b"\n", b"junk", b"\xff\xfe", b"a\n1\nx\n\n", bytes(10_000),
    sealed(leaves(3))["checkpoint"][:-2],
    sealed(leaves(3))["checkpoint"].replace(b"\n3\n", b"\n-3\n"),
    sealed(leaves(3))["checkpoint"].replace(b"\n3\n", b"\n99999999999999999999\n"),
]  # fmt: skip


@pytest.mark.parametrize("data", NO_CHECKPOINTS, ids=range(len(NO_CHECKPOINTS)))
def test_what_is_no_checkpoint_is_refused(log: Served, watch: Watch, data: bytes) -> None:
    log.files["checkpoint"] = data

    with pytest.raises(Refused):
        watch.look()
    assert not watch.state.exists()


def test_a_checkpoint_that_claims_a_tree_beyond_its_tiles_ends_soon(
    log: Served, watch: Watch
) -> None:
    from twinhood.translog.core.note import Signature
    from twinhood.witness.tests.logs import PRIVATE

    text = Checkpoint(ORIGIN, 2**62 - 1, bytes(32)).text
    line = Signature(KEY.name, KEY.hash, PRIVATE.sign(text.encode()))
    log.files["checkpoint"] = note.build(text, [line]).encode()

    with pytest.raises((Unreachable, Refused)):
        watch.look()


def drip(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(1_000):
        request.wfile.write(b"X-%d: y\r\n" % number)
        time.sleep(0.05)


def drip_body(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
    for _ in range(1_000):
        request.wfile.write(b"x")
        time.sleep(0.05)


def silence(request: BaseHTTPRequestHandler) -> None:
    time.sleep(30)


@pytest.mark.parametrize("slow", [drip, drip_body, silence])
def test_a_slow_answer_is_not_waited_for(log: Served, watch: Watch, slow: object) -> None:
    log.odd["checkpoint"] = slow  # type: ignore[assignment]
    hasty = replace(watch, log=Log.at(log.url, answer_s=0.5))
    began = time.monotonic()

    with pytest.raises(Unreachable):
        hasty.look()

    assert time.monotonic() - began < 10


def huge(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        request.wfile.write(b"x" * 65_536)


def redirect(request: BaseHTTPRequestHandler) -> None:
    send(request, 302, b"", Location="http://169.254.169.254/latest/meta-data")


def no_http(request: BaseHTTPRequestHandler) -> None:
    request.wfile.write(b"SSH-2.0-OpenSSH\r\n")


def hang_up(request: BaseHTTPRequestHandler) -> None:
    request.connection.close()


ODD = {
    huge: "longer than",
    redirect: "answered 302",
    no_http: "checkpoint: ",
    hang_up: "checkpoint: ",
}


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd.__name__)
def test_an_odd_answer_is_no_answer(log: Served, watch: Watch, odd: object) -> None:
    log.odd["checkpoint"] = odd  # type: ignore[assignment]

    with pytest.raises(Unreachable, match=ODD[odd]):  # type: ignore[index]
        watch.look()
    assert not watch.state.exists()


def test_nobody_there_is_no_answer(tmp_path: Path, watch: Watch) -> None:
    with pytest.raises(Unreachable):
        replace(watch, log=Log.at("http://127.0.0.1:1/log")).look()


UNSAFE = [
    "http://twinhood.example/log", "ftp://twinhood.example/log", "twinhood.example", "",
    "https://", "https://user:secret@twinhood.example/log", "https://twinhood.example/log?x",
    "https://twinhood.example/log#x", "http://127.0.0.1.example/log", "https://a:b/log",
    "http://127.0.0.1/log\r\nX: y", "file:///etc/passwd", "https://twinhood.example:99999/log",
]  # fmt: skip


@pytest.mark.parametrize("url", UNSAFE)
def test_an_address_that_is_not_safe_is_refused(url: str) -> None:
    with pytest.raises(BadFile):
        Log.at(url)


def test_safe_addresses() -> None:
    assert Log.at("https://twinhood.example/log/").path == "/log"
    assert Log.at("http://[::1]:8000/log").port == 8000
