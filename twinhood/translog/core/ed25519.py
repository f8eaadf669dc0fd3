"""Verify Ed25519 signatures in plain Python (RFC 8032, 5.1), for where nothing can be installed.

Strict: S below the group's order, points in their one canonical encoding, the equation without
cofactor (as Go and OpenSSL have it). Slow (milliseconds), and not constant-time: only public
things go in here. Signing is done by `cryptography`.
"""

from hashlib import sha512

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)

# Extended homogeneous coordinates (X, Y, Z, T): x = X/Z, y = Y/Z, x·y = T/Z (5.1.4).
type Point = tuple[int, int, int, int]
NEUTRAL: Point = (0, 1, 1, 0)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` (64 bytes) over `message` is that of `public` (32 bytes)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    point = _decode(public)
    scalar = int.from_bytes(signature[32:], "little")
    if point is None or scalar >= ORDER:
        return False
    digest = sha512(signature[:32] + public + message).digest()
    challenge = int.from_bytes(digest, "little") % ORDER
    x, y, z, t = point
    return (
        _encode(_sum_of_products(scalar, BASE, challenge, (P - x, y, z, P - t))) == signature[:32]
    )


def _add(a: Point, b: Point) -> Point:
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * D * a[3] * b[3] % P
    h = 2 * a[2] * b[2] % P
    return (
        (f - e) * (h - g) % P,
        (h + g) * (f + e) % P,
        (h - g) * (h + g) % P,
        (f - e) * (f + e) % P,
    )


def _double(a: Point) -> Point:
    x2, y2 = a[0] * a[0] % P, a[1] * a[1] % P
    h = x2 + y2
    e = h - (a[0] + a[1]) ** 2
    g = x2 - y2
    f = 2 * a[2] * a[2] + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def _sum_of_products(s: int, a: Point, t: int, b: Point) -> Point:
    """Return s·a + t·b, both scalars bit by bit together."""
    by_bits = (NEUTRAL, a, b, _add(a, b))
    found = NEUTRAL
    for bit in range(max(s.bit_length(), t.bit_length()) - 1, -1, -1):
        found = _double(found)
        which = (s >> bit & 1) | (t >> bit & 1) << 1
        if which:
            found = _add(found, by_bits[which])
    return found


def _encode(a: Point) -> bytes:
    inverse = pow(a[2], P - 2, P)
    x, y = a[0] * inverse % P, a[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _decode(data: bytes) -> Point | None:
    """Read a point (5.1.3); None where there is none, or in another than its canonical form."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        return None
    x = _x_of(y)
    if x is None or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def _x_of(y: int) -> int | None:
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x - u) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    return None if (v * x * x - u) % P else x


def _base() -> Point:
    found = _decode(bytes([0x58]) + bytes([0x66]) * 31)
    if found is None:
        raise ArithmeticError("the base point is on the curve")
    return found


BASE = _base()
