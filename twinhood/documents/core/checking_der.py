"""Whether the container of a signature could be written in another way and mean the same.

A signature covers all of a file but its own container. Whatever can be altered there without
breaking the signature (padding, unused certificates, unsigned attributes, encodings with more
than one form) is named here, so that no bit of a paper that holds can be another.
"""

from collections.abc import Iterator

from asn1crypto import cms, core, x509

_END, _BOOLEAN, _INTEGER, _BIT_STRING, _NULL, _SEQUENCE, _SET = 0, 1, 2, 3, 5, 16, 17
DEPTH_MAX = 40


class NotDer(ValueError):
    """The bytes are not in the one form that X.690 allows; the message names the rule."""


def value_of(container: bytes) -> bytes:
    """The one DER value that the container begins with. Raises NotDer unless zeros follow."""
    end = _walk(container, 0, len(container), 0)
    if container[end:].strip(b"\0"):
        raise NotDer("padding")
    return container[:end]


def _walk(data: bytes, start: int, limit: int, depth: int) -> int:
    """Check one value at ``start``; return where it ends."""
    if depth > DEPTH_MAX:
        raise NotDer("depth")
    tag, is_constructed, begins, ends = _header(data, start, limit)
    is_universal = data[start] < 0x40
    if is_constructed:
        parts, at = [], begins
        while at < ends:
            after = _walk(data, at, ends, depth + 1)
            parts.append(data[at:after])
            at = after
        if is_universal and tag == _SET and parts != sorted(parts):
            raise NotDer("order of a set")
    elif is_universal:
        _primitive(tag, data[begins:ends])
    return ends


def _header(data: bytes, start: int, limit: int) -> tuple[int, bool, int, int]:
    at = start + 2
    if at > limit:
        raise NotDer("end")
    tag, length = data[start] & 0x1F, data[start + 1]
    if tag == 0x1F:
        raise NotDer("tag")
    if length == 0x80:
        raise NotDer("indefinite length")
    if length > 0x80:
        width = length & 0x7F
        digits = data[at : at + width]
        at += width
        length = int.from_bytes(digits, "big")
        if width > 4 or at > limit or length < 0x80 or digits[0] == 0:
            raise NotDer("length")
    if at + length > limit:
        raise NotDer("length")
    return tag, bool(data[start] & 0x20), at, at + length


def _primitive(tag: int, value: bytes) -> None:
    if tag in (_END, _SEQUENCE, _SET):
        raise NotDer("tag")
    if tag == _BOOLEAN and value not in (b"\x00", b"\xff"):
        raise NotDer("boolean")
    if tag == _NULL and value:
        raise NotDer("null")
    if tag == _INTEGER and (
        not value
        or (len(value) > 1 and value[0] in (0, 0xFF) and (value[0] ^ value[1]) & 0x80 == 0)
    ):
        raise NotDer("integer")
    if tag == _BIT_STRING and (
        not value
        or value[0] > 7
        or (value[0] and (len(value) == 1 or value[-1] & ((1 << value[0]) - 1)))
    ):
        raise NotDer("bit string")


def loose_parts(content: cms.ContentInfo, used: frozenset[bytes]) -> Iterator[str]:
    """Name each part that the signature does not bind; ``used`` are certificates on a path, as DER.

    A timestamp inside is looked at in the same way.
    """
    if content["content_type"].native != "signed_data":
        yield "type"
        return
    signed = content["content"]
    signer = signed["signer_infos"][0]
    yield from _versions(signed, signer)
    yield from _issuer(signer, used)
    if signed["digest_algorithms"].contents != signer["digest_algorithm"].dump():
        yield "digest algorithms"
    if signed["crls"]:
        yield "revocation data"
    for choice in signed["certificates"]:
        if choice.name != "certificate" or choice.chosen.dump() not in used:
            yield "certificate without a use"
    for name in ("digest_algorithm", "signature_algorithm"):
        yield from _parameters(signer[name])
    for attribute in signer["unsigned_attrs"] or ():
        if (
            attribute["type"].native != "signature_time_stamp_token"
            or len(attribute["values"]) != 1
        ):
            yield "unsigned attribute"
        else:
            yield from loose_parts(attribute["values"][0], used)


def _versions(signed: cms.SignedData, signer: cms.SignerInfo) -> Iterator[str]:
    is_plain = signed["encap_content_info"]["content_type"].native == "data"
    by_serial = signer["sid"].name == "issuer_and_serial_number"
    if signed["version"].native != ("v1" if is_plain and by_serial else "v3"):
        yield "version"
    if signer["version"].native != ("v1" if by_serial else "v3"):
        yield "version"


def _issuer(signer: cms.SignerInfo, used: frozenset[bytes]) -> Iterator[str]:
    """Libraries take names for equal that differ in capitals; here each byte counts."""
    named = signer["sid"].chosen
    if signer["sid"].name != "issuer_and_serial_number":
        return
    certificates = map(x509.Certificate.load, used)
    if not any(
        named["issuer"].dump() == one.issuer.dump()
        and named["serial_number"].dump() == one["tbs_certificate"]["serial_number"].dump()
        for one in certificates
    ):
        yield "issuer"


def _parameters(algorithm: core.Sequence) -> Iterator[str]:
    """RSA and ECDSA have no parameters, written as NULL or not at all; PSS has its own."""
    if algorithm["algorithm"].native == "rsassa_pss":
        return
    if not isinstance(algorithm["parameters"], core.Null | core.Void):
        yield "parameters"
