"""A gift's two names: `ref`, public, and the donor's secret. Neither leads to the other."""

from hashlib import sha256

# Crockford's base 32: no I, L, O, U, so that nothing is misread or spells a word.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
REF_LENGTH = 8
REF_BYTES = 5
SECRET_BYTES = 16
SECRET_LENGTH = 26
_MISREAD = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})


def encode(data: bytes) -> str:
    """`data` in base 32, most telling digit first, without padding."""
    length = -(-len(data) * 8 // 5)
    number = int.from_bytes(data)
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 32)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def ref_from(random: bytes) -> str:
    """A public name such as "7Q2F9K0B" from 5 random bytes."""
    return encode(random[:REF_BYTES])


def secret_from(random: bytes) -> str:
    """The donor's secret (128 bits) as 26 small letters and digits, for a link."""
    return encode(random[:SECRET_BYTES]).lower()


def secret_hash(typed: str) -> bytes | None:
    """The SHA-256 under which a secret is stored; None for what no secret can be.

    As typed from paper: capitals, hyphens and spaces do not matter, O is 0, I and L are 1.
    """
    if not typed.isascii() or len(typed) > 2 * SECRET_LENGTH:
        return None
    digits = typed.upper().translate(_MISREAD)
    if len(digits) != SECRET_LENGTH or not set(digits) <= set(ALPHABET):
        return None
    number = 0
    for digit in digits:
        number = number * 32 + ALPHABET.index(digit)
    if number >= 1 << (8 * SECRET_BYTES):
        return None
    return hash_of(number.to_bytes(SECRET_BYTES))


def hash_of(secret: bytes) -> bytes:
    """The SHA-256 under which a secret is stored, of the bytes of `secret_from`."""
    return sha256(secret[:SECRET_BYTES]).digest()
