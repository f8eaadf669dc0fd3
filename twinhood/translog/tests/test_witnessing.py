"""Witnesses cosign, and only what was sealed; the log's key hands over."""

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from pytest_django import Settings

from twinhood.kit import clock
from twinhood.translog import actions, queries, views
from twinhood.translog.core import canonical, keys, note, tiles
from twinhood.translog.core.note import BadNote, Checkpoint, Key
from twinhood.translog.errors import LogAhead, TilesMissing
from twinhood.translog.models import Cosignature, Leaf, SigningKey
from twinhood.translog.store import CHECKPOINT, Folder, the_store
from twinhood.translog.tests.test_sealing import append, in_bundles

pytestmark = pytest.mark.django_db

SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
NEWSROOM = Key("newsroom.example", SECRET.public_key().public_bytes_raw(), note.COSIGNATURE)


def cosigned(
    text: str, secret: Ed25519PrivateKey = SECRET, shift: timedelta = timedelta()
) -> bytes:
    """A checkpoint's text as the newsroom sends it, its clock `shift` from ours."""
    at_s = int((clock.now() + shift).timestamp())
    line = note.cosignature(NEWSROOM, at_s, secret.sign(note.cosigned_message(text, at_s)))
    return note.build(text, [line]).encode()


def sealed_text(first: int, last: int) -> str:
    append(first, last)
    sealed = actions.seal()
    assert sealed is not None
    return note.parse(sealed.note).text


def send(client: Client, data: bytes) -> int:
    return client.post("/log/cosignatures", data, content_type="text/plain").status_code


@pytest.fixture
def witness() -> Any:
    return actions.add_witness(vkey=NEWSROOM.vkey)


def test_a_cosignature_stands_below_the_checkpoint_at_once(client: Client, witness: Any) -> None:
    text = sealed_text(0, 10)

    assert send(client, cosigned(text)) == 200

    served = note.parse(client.get("/log/checkpoint").content)
    assert [line.name for line in served.signatures][1:] == ["newsroom.example"]
    note.verify(served.text, served.signatures[1], NEWSROOM)
    latest = queries.latest()
    assert latest is not None
    assert latest == queries.latest_witnessed()
    assert "newsroom.example" in client.get("/en/log/").content.decode()


def test_a_cosignature_of_an_older_checkpoint_stays_with_it(client: Client, witness: Any) -> None:
    text = sealed_text(0, 10)
    sealed_text(10, 20)

    assert send(client, cosigned(text)) == 200

    assert len(note.parse(client.get("/log/checkpoint").content).signatures) == 1
    assert len(note.parse(client.get("/log/checkpoints/10").content).signatures) == 2
    witnessed = queries.latest_witnessed()
    assert witnessed is not None
    assert witnessed.size == 10


def test_sent_twice_it_stands_once(client: Client, witness: Any) -> None:
    text = sealed_text(0, 10)

    assert {send(client, cosigned(text)) for _ in range(3)} == {200}

    assert Cosignature.objects.count() == 1


def test_nobody_unknown_cosigns(client: Client) -> None:
    assert send(client, cosigned(sealed_text(0, 10))) == 403


def test_a_witness_that_ended_cosigns_no_more(client: Client, witness: Any) -> None:
    text = sealed_text(0, 10)
    send(client, cosigned(text))
    actions.end_witness(name=NEWSROOM.name)

    assert send(client, cosigned(sealed_text(10, 20))) == 403
    assert Cosignature.objects.count() == 1


def test_a_forged_cosignature_is_refused(client: Client, witness: Any) -> None:
    forger = Ed25519PrivateKey.from_private_bytes(bytes(32))

    assert send(client, cosigned(sealed_text(0, 10), forger)) == 403
    assert not Cosignature.objects.exists()


def test_another_tree_of_the_same_size_is_told_loudly(
    client: Client, witness: Any, caplog: pytest.LogCaptureFixture
) -> None:
    told = note.parse_checkpoint(sealed_text(0, 10))
    other = Checkpoint(told.origin, told.size, bytes(32)).text

    assert send(client, cosigned(other)) == 409
    assert "translog.split_view" in caplog.text


def test_a_text_that_nobody_signed_raises_no_alarm(
    client: Client, witness: Any, caplog: pytest.LogCaptureFixture
) -> None:
    told = note.parse_checkpoint(sealed_text(0, 10))
    other = Checkpoint(told.origin, told.size, bytes(32)).text
    forged = cosigned(told.text).replace(told.text.encode(), other.encode())

    assert send(client, forged) == 409
    assert "translog.split_view" not in caplog.text


def test_a_size_that_was_never_sealed_is_not_found(client: Client, witness: Any) -> None:
    told = note.parse_checkpoint(sealed_text(0, 10))

    assert send(client, cosigned(Checkpoint(told.origin, 11, told.root).text)) == 404
    assert send(client, cosigned(Checkpoint(told.origin, 2**62, told.root).text)) == 404


@pytest.mark.parametrize(("hours", "status"), [(1, 200), (-1, 200), (48, 400), (-48, 400)])
def test_a_witness_whose_clock_is_wrong_by_an_hour_is_heard(
    hours: int, status: int, client: Client, witness: Any
) -> None:
    assert send(client, cosigned(sealed_text(0, 10), shift=timedelta(hours=hours))) == status


def test_a_checkpoint_of_last_month_takes_no_more_cosignatures(
    client: Client, witness: Any
) -> None:
    text = sealed_text(0, 10)

    with clock.showing(clock.now() + timedelta(days=30)):
        assert send(client, cosigned(text)) == 410


@pytest.mark.parametrize(
    ("data", "status"),
    [(b"", 400), (b"\xff\xfe", 400), (b"text\n\n", 400), (b"x" * 70_000, 413), (b"a\nb\n\nc", 400)],
)
def test_what_is_no_note_is_refused(data: bytes, status: int, client: Client, witness: Any) -> None:
    assert send(client, data) == status


def test_a_pages_form_cannot_send_a_note(client: Client, witness: Any) -> None:
    assert client.post("/log/cosignatures", {"name": "x"}).status_code == 403
    assert "C2SP" in client.get("/log/cosignatures").content.decode()
    assert client.put("/log/cosignatures").status_code == 405


def test_a_log_key_is_no_witness_key() -> None:
    with pytest.raises(BadNote):
        actions.add_witness(vkey=Key("x", NEWSROOM.public).vkey)


def test_the_key_hands_over_by_a_leaf_that_it_signed() -> None:
    sealed_text(0, 10)
    new = actions.hand_over_key()

    first, second = queries.log_keys()
    assert second == new
    last_of_old = actions.seal()
    assert last_of_old is not None
    note.open_note(last_of_old.note, note.parse_vkey(first))
    leaf = canonical.decode(bytes(Leaf.objects.order_by("id").values_list("data", flat=True)[10]))
    assert keys.read_hand_over(leaf) == (note.parse_vkey(first), note.parse_vkey(second))
    append(11, 12)
    first_of_new = actions.seal()
    assert first_of_new is not None
    note.open_note(first_of_new.note, note.parse_vkey(second))


def test_the_log_keeps_its_name_when_its_key_changes(settings: Settings) -> None:
    sealed_text(0, 10)
    settings.LOG_ORIGIN = "elsewhere.example/log"

    new = note.parse_vkey(actions.hand_over_key())

    assert new.name == note.parse_vkey(queries.log_keys()[0]).name != "elsewhere.example/log"


def test_a_log_ahead_of_its_database_changes_no_key() -> None:
    with transaction.atomic():
        append(0, 10)
        actions.seal()
        transaction.set_rollback(True)

    with pytest.raises(LogAhead):
        actions.hand_over_key()

    assert SigningKey.objects.count() == 0


def test_the_key_hands_over_again_and_before_anything_is_sealed() -> None:
    actions.hand_over_key()
    actions.hand_over_key()
    for number in range(3):
        append(number, number + 1)
        actions.seal()

    vkeys = queries.log_keys()
    sealed = queries.latest()
    assert sealed is not None
    assert len(vkeys) == 3
    note.open_note(sealed.note, note.parse_vkey(vkeys[-1]))


@pytest.mark.parametrize(
    "change",
    [
        {"to": Key("other", bytes(32)).vkey},
        {"signature": "AA=="},
        {"signature": 7},
        {"partnership": "x"},
        {"more": ""},
        {"kind": "entry"},
        {"from": NEWSROOM.vkey},
    ],
)
def test_a_hand_over_that_was_altered_is_refused(change: dict[str, Any]) -> None:
    secret = Ed25519PrivateKey.from_private_bytes(bytes(32))
    old = Key("log", secret.public_key().public_bytes_raw())
    leaf = canonical.decode(keys.hand_over(old, Key("log", bytes(32)), secret.sign))
    keys.read_hand_over(leaf)

    with pytest.raises(BadNote):
        keys.read_hand_over(leaf | change)


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("log", *arguments, stdout=out)
    return out.getvalue()


def test_the_operator_does_it_all_by_commands() -> None:
    append(0, 10)

    assert "10 leaves" in told("seal")
    assert NEWSROOM.name in told("add-witness", NEWSROOM.vkey)
    assert queries.log_keys()[0] in told("status")
    assert "next key" in told("change-key")
    told("end-witness", NEWSROOM.name)
    with pytest.raises(CommandError):
        told("end-witness", NEWSROOM.name)
    with pytest.raises(CommandError):
        told("add-witness", "nonsense")


def test_tiles_that_were_lost_are_written_again_from_the_database() -> None:
    given = append(0, 700)
    actions.seal()
    kept = the_store().read(CHECKPOINT)
    lost = the_store().root.with_suffix(".lost")
    the_store().root.rename(lost)
    append(700, 710)
    with pytest.raises(TilesMissing):
        actions.seal()

    assert "700" in told("rebuild")

    assert the_store().read(CHECKPOINT) == kept
    assert in_bundles(the_store(), 700) == given
    for tile in tiles.edge(700):
        assert the_store().read(tile.path) == Folder(lost).read(tile.path)
    assert actions.seal() is not None


def test_a_log_that_is_ahead_is_not_written_over(tmp_path: Path) -> None:
    sealed_text(0, 10)
    with transaction.atomic():
        sealed_text(10, 20)
        transaction.set_rollback(True)

    with pytest.raises(LogAhead):
        actions.rebuild_tiles()
    with pytest.raises(CommandError):
        told("status")


def test_what_a_superuser_altered_is_named() -> None:
    append(0, 300)
    actions.seal()
    assert "300" in told("check")
    pk = Leaf.objects.order_by("id").values_list("id", flat=True)[277]

    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE translog_leaf DISABLE TRIGGER USER")
        cursor.execute("UPDATE translog_leaf SET data = data || ' ' WHERE id = %s", [pk])
        cursor.execute("ALTER TABLE translog_leaf ENABLE TRIGGER USER")

    with pytest.raises(CommandError, match="Leaf 277"):
        told("check")


def test_tiles_that_were_altered_are_named() -> None:
    append(0, 300)
    actions.seal()
    path = the_store().root / "tile/1/000.p/1"
    path.write_bytes(bytes(32))

    with pytest.raises(CommandError, match="another root"):
        told("check")


def test_who_sends_many_notes_that_are_refused_waits_and_a_witness_elsewhere_does_not(
    client: Client, witness: Any
) -> None:
    text = sealed_text(0, 10)
    good = cosigned(text)
    statuses = [send(client, b"no note") for _ in range(views.REFUSED_MAX + 1)]

    assert statuses == [400] * views.REFUSED_MAX + [429]
    assert send(client, good) == 429
    assert send(Client(REMOTE_ADDR="203.0.113.9"), good) == 200
    with clock.showing(clock.now() + timedelta(hours=1)):
        assert send(client, b"no note") == 400


def test_a_witness_is_never_counted(client: Client, witness: Any) -> None:
    text = sealed_text(0, 10)

    statuses = {send(client, cosigned(text)) for _ in range(views.REFUSED_MAX + 5)}

    assert statuses == {200}
