"""What stands behind certificates: the way up to a root that is trusted here, and what is told of
the revocation of each on it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from twinhood.documents import fetching, offices
from twinhood.documents.fetching import Told, is_issued_by
from twinhood.documents.models import Authority, TrustedIssuer

# No real authority has longer ways.
STEPS_MAX = 8


@dataclass(frozen=True, slots=True)
class Backing:
    """Certificates (DER) from those asked for up to their roots, with what is told of them.

    `is_complete`: all lead to a root, and of each below it something is told.
    """

    certificates: tuple[bytes, ...] = ()
    told: tuple[Told, ...] = ()
    is_complete: bool = True

    def __add__(self, other: "Backing") -> "Backing":
        return Backing(
            tuple(dict.fromkeys((*self.certificates, *other.certificates))),
            tuple(dict.fromkeys((*self.told, *other.told))),
            self.is_complete and other.is_complete,
        )

    @property
    def lists(self) -> list[bytes]:
        return [one.data for one in self.told if not one.is_answer]

    @property
    def answers(self) -> list[bytes]:
        return [one.data for one in self.told if one.is_answer]


def backing_of(
    certificate: bytes, others: Iterable[bytes], purpose: TrustedIssuer.Purpose
) -> Backing:
    """What stands behind one certificate; `others` came with it and may lie on the way.

    Asks the authorities on the way that are trusted, and nobody else.
    """
    own = _own_roots()
    roots = [*own, *_trusted_roots(purpose)]
    way = way_up(_read(certificate), [_read(one) for one in others], roots)
    if way is None:
        return Backing((certificate,), is_complete=False)
    told = [
        _told_here() if issuer in own else fetching.told_of(below, issuer)
        for below, issuer in pairwise(way)
    ]
    known = tuple(one for one in told if one is not None)
    ders = tuple(one.public_bytes(Encoding.DER) for one in way)
    return Backing(ders, known, is_complete=len(known) == len(told))


def has_way(certificate: bytes, others: Iterable[bytes], purpose: TrustedIssuer.Purpose) -> bool:
    """Whether it leads to a root that is trusted here. Asks nobody."""
    roots = [*_own_roots(), *_trusted_roots(purpose)]
    return way_up(_read(certificate), [_read(one) for one in others], roots) is not None


def way_up(
    certificate: x509.Certificate,
    others: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
) -> list[x509.Certificate] | None:
    """The certificate, those that lie between, and the root; None if there is no way."""
    way = [certificate]
    while way[-1] not in roots:
        above = (one for one in (*roots, *others) if one not in way and is_issued_by(way[-1], one))
        found = next(above, None)
        if found is None or len(way) == STEPS_MAX:
            return None
        way.append(found)
    return way


def _told_here() -> Told:
    return Told(bytes(offices.newest_list().data), is_answer=False, revoked_at=None)


def _own_roots() -> list[x509.Certificate]:
    return [_read(bytes(one.certificate)) for one in Authority.objects.order_by("id")]


def _trusted_roots(purpose: TrustedIssuer.Purpose) -> list[x509.Certificate]:
    found = TrustedIssuer.objects.filter(purpose=purpose, ended_at__isnull=True).order_by("id")
    return [_read(bytes(one.certificate)) for one in found]


def _read(der: bytes) -> x509.Certificate:
    return x509.load_der_x509_certificate(der)
