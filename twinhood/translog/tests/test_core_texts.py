"""Canonical JSON and base64: one value, one text; commitments made of them."""

import json
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twinhood.translog.core import b64, canonical, commitment
from twinhood.translog.core.b64 import NotBase64
from twinhood.translog.core.canonical import INTEGER_MAX, NotCanonical

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-INTEGER_MAX, INTEGER_MAX) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


@given(values)
def test_a_value_comes_back_from_its_text(value: Any) -> None:
    assert canonical.decode(canonical.encode(value)) == value


@given(values, st.data())
def test_a_changed_bit_is_another_value_or_none(value: Any, data: st.DataObject) -> None:
    text = canonical.encode(value)
    bit = data.draw(st.integers(0, len(text) * 8 - 1))
    changed = bytearray(text)
    changed[bit // 8] ^= 1 << bit % 8

    try:
        found = canonical.decode(bytes(changed))
    except NotCanonical:
        return
    assert canonical.encode(found) == bytes(changed)
    assert canonical.encode(found) != text


def test_the_examples_of_rfc_8785() -> None:
    keys = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\u00f6": 7}
    escapes = '\u20ac$\u000f\nA\'B"\\\\"/'

    assert list(json.loads(canonical.encode(keys)).values()) == [2, 4, 6, 7, 1, 5, 3]
    assert canonical.encode(escapes) == '"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"'.encode()


@pytest.mark.parametrize(
    "text",
    [
        b'{"a":1,"a":1}', b'{"b":1,"a":1}', b'{"a": 1}', b' {"a":1}', b'{"a":1}\n', b"1.0", b"1e2",
        b"-0", b"01", b"9007199254740992", b"NaN", b"Infinity", b'"\\u0041"', b'"\\/"',
        b'"\\ud800"',
        b'"\\u000F"', b'"\\u0000"', b'"\xff"', b"\xef\xbb\xbf1", b"", b"[1,]", b'{"\\u0000":1}',
        b"[" * 70 + b"]" * 70, b"[" * 100_000, b'"\\ud83d\\ude00"', b"1" * 5_000,
        '{"\U0001f600":1,"\ufb33":1}'.encode()[::-1], '{"\ufb33":1,"\U0001f600":1}'.encode(),
    ],
)  # fmt: skip
def test_what_is_not_the_canonical_text_is_refused(text: bytes) -> None:
    with pytest.raises(NotCanonical):
        canonical.decode(text)


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        2**53,
        -(2**53),
        {1: "a"},
        (1,),
        {"a": {2}},
        "\ud800",
        "\x00",
        {"\x00": 1},
        b"",
        object(),
    ],
)
def test_what_has_no_canonical_text_is_refused(value: Any) -> None:
    with pytest.raises(NotCanonical):
        canonical.encode(value)


@given(st.binary(max_size=80))
def test_bytes_come_back_from_base64(data: bytes) -> None:
    assert b64.decode(b64.encode(data)) == data


@pytest.mark.parametrize(
    "text", ["QQ", "QR==", "QQ==\n", "Q Q=", "Q-_=", "QQ===", "А===", "=", "QUJ="]
)
def test_base64_is_read_only_in_its_one_form(text: str) -> None:
    with pytest.raises(NotBase64):
        b64.decode(text)


def test_base64_of_another_length_is_refused() -> None:
    with pytest.raises(NotBase64):
        b64.decode(b64.encode(bytes(31)), 32)


def test_a_commitment_is_the_hash_of_salt_and_facts() -> None:
    found = commitment.commit({"kind": "need", "b": 1, "a": "є"}, bytes(range(32)))

    told = bytes(range(32)) + '{"a":"є","b":1,"kind":"need"}'.encode()
    assert found == sha256(told).digest()
    with pytest.raises(ValueError, match="32 bytes"):
        commitment.commit({}, b"short")
