"""Signatures and notes: what others would accept, and nothing looser."""

from functools import partial

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from twinhood.translog.core import b64, ed25519, note
from twinhood.translog.core.note import BadNote, Checkpoint, Key, Signature

# RFC 8032, 7.1: public key, message, signature.
RFC_8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = Key("example.org/log", PRIVATE.public_key().public_bytes_raw())
WITNESS = Key("newsroom", KEY.public, note.COSIGNATURE)
TEXT = Checkpoint("example.org/log", 7, bytes(32)).text


def signed(text: str = TEXT) -> str:
    return note.build(text, [Signature(KEY.name, KEY.hash, PRIVATE.sign(text.encode()))])


@pytest.mark.parametrize(("public", "message", "signature"), RFC_8032)
def test_the_signatures_of_rfc_8032_verify(public: str, message: str, signature: str) -> None:
    check = partial(ed25519.verify, bytes.fromhex(public), bytes.fromhex(message))

    assert check(bytes.fromhex(signature))
    assert not check(bytes.fromhex(signature)[:-1])
    assert not check(bytes.fromhex(signature[2:] + "00"))


@settings(max_examples=40, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=60), st.integers(0, 511))
def test_another_implementation_gives_the_same_verdicts(
    seed: bytes, message: bytes, bit: int
) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key().public_bytes_raw()
    signature = private.sign(message)
    changed = bytearray(signature)
    changed[bit // 8] ^= 1 << bit % 8

    assert ed25519.verify(public, message, signature)
    assert not ed25519.verify(public, message, bytes(changed))
    assert not ed25519.verify(public, message + b"!", signature)
    with pytest.raises(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(public).verify(bytes(changed), message)


def test_a_signature_has_one_form_only() -> None:
    public, message, text = RFC_8032[1]
    signature = bytes.fromhex(text)
    scalar = int.from_bytes(signature[32:], "little") + ed25519.ORDER

    moved = signature[:32] + scalar.to_bytes(32, "little")

    assert not ed25519.verify(bytes.fromhex(public), bytes.fromhex(message), moved)


@pytest.mark.parametrize("y", [ed25519.P, ed25519.P + 1, 2**255 - 1, 2, (1 << 255) | 1])
def test_a_point_that_is_none_or_in_another_form_is_no_key(y: int) -> None:
    assert not ed25519.verify(y.to_bytes(32, "little"), b"", bytes(64))


def test_a_note_comes_back_and_verifies() -> None:
    read = note.open_note(signed(), KEY)

    assert read.text == TEXT
    assert note.parse_checkpoint(read.text) == Checkpoint("example.org/log", 7, bytes(32))
    assert note.build(read.text, read.signatures) == signed()


def test_a_key_comes_back_from_its_line() -> None:
    assert note.parse_vkey(KEY.vkey) == KEY
    assert note.parse_vkey(WITNESS.vkey) == WITNESS
    assert KEY.hash != WITNESS.hash


def test_the_key_of_the_go_checksum_database_is_read() -> None:
    line = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"

    assert note.parse_vkey(line).vkey == line


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(signed().encode()) * 8 - 1))
def test_no_bit_of_a_note_can_change_unnoticed(bit: int) -> None:
    changed = bytearray(signed().encode())
    changed[bit // 8] ^= 1 << bit % 8

    with pytest.raises(BadNote):
        note.open_note(bytes(changed), KEY)


def _line(data: bytes, name: str = "n") -> str:
    return f"— {name} {b64.encode(data)}\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text\n",
        "text\n\n",
        "text\n\n— n QUJDREU",
        "text\n\n- n QUJDREU=\n",
        "text\n\n— n QUJDREV=\n",
        "text\n\n— n QUJDREU= \n",
        "text\n\n— n  QUJDREU=\n",
        "text\n\n— n+m QUJDREU=\n",
        "text\n\n— \u00a0n QUJDREU=\n",
        "text\n\n— n QUJD\n",
        "te\rxt\n\n— n QUJDREU=\n",
        "te\txt\n\n— n QUJDREU=\n",
        "text\n\n— n QUJDREU=\r\n",
        "text\n\n— n QUJDREU=\n\n",
        "\n\n— n QUJDREU=\n",
        "text\n\n" + "— n QUJDREU=\n" * 101,
        "x" * 70_000 + "\n\n— n QUJDREU=\n",
    ],
)
def test_a_note_is_read_strictly(text: str) -> None:
    with pytest.raises(BadNote):
        note.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "a\n7\n" + b64.encode(bytes(32)),
        "a\n07\n" + b64.encode(bytes(32)) + "\n",
        "a\n-7\n" + b64.encode(bytes(32)) + "\n",
        "a\n+7\n" + b64.encode(bytes(32)) + "\n",
        "a\n٧\n" + b64.encode(bytes(32)) + "\n",
        "a\n9999999999999999999\n" + b64.encode(bytes(32)) + "\n",
        "a\n7\n" + b64.encode(bytes(31)) + "\n",
        "\n7\n" + b64.encode(bytes(32)) + "\n",
        "a\n7\n" + b64.encode(bytes(32)) + "\nmore\n",
    ],
)
def test_a_checkpoint_is_read_strictly(text: str) -> None:
    with pytest.raises(BadNote):
        note.parse_checkpoint(text)


@pytest.mark.parametrize(
    "line",
    [
        KEY.vkey + "\n",
        KEY.vkey[:-2] + "Q=",
        KEY.vkey.replace("+", "-"),
        "n+00000000+" + KEY.vkey.rpartition("+")[2],
        Key("n", bytes(32), 9).vkey,
        Key("a b", bytes(32)).vkey,
    ],
)
def test_a_key_is_read_strictly(line: str) -> None:
    with pytest.raises(BadNote):
        note.parse_vkey(line)


def test_a_note_that_one_key_signed_twice_is_refused() -> None:
    line = note.parse(signed()).signatures[0]

    with pytest.raises(BadNote, match="twice"):
        note.open_note(note.build(TEXT, [line, line]), KEY)


def test_a_witness_signs_the_text_and_the_time() -> None:
    value = PRIVATE.sign(note.cosigned_message(TEXT, 1_764_000_000))
    line = note.cosignature(WITNESS, 1_764_000_000, value)

    note.verify(TEXT, line, WITNESS)

    assert note.cosigned_at(line) == 1_764_000_000
    later = note.cosignature(WITNESS, 1_764_000_001, value)
    with pytest.raises(BadNote):
        note.verify(TEXT, later, WITNESS)
    with pytest.raises(BadNote):
        note.verify(TEXT, line, KEY)
