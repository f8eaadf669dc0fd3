"""What a donor fills in on the giving page, before a rail hears of it. Amounts are minor units."""

import hmac
import json
from dataclasses import dataclass, field
from hashlib import sha256

from twinhood.giving.core.sealing import BLOCK_BYTES, DonorFacts, plain_of

_SORTED = json.JSONEncoder(ensure_ascii=False, sort_keys=True)


@dataclass(frozen=True, slots=True)
class Told:
    """What a donor told with one pledge; each may be empty. It is sealed where it is kept.

    `honour` is in whose honour or memory, `honour_note` what to tell them, `employer` who matches.
    """

    name: str = ""
    email: str = ""
    address: str = ""
    honour: str = ""
    honour_note: str = ""
    employer: str = ""

    @property
    def donor(self) -> DonorFacts:
        return DonorFacts(name=self.name, email=self.email, address=self.address)


@dataclass(frozen=True, slots=True)
class Choice:
    """The whole form. `amount_minor` is all that the donor pays; `cover_minor` of it is the fee
    that they take upon themselves. `purpose` are the words that they saw.
    """

    fund_id: int
    need_id: int | None
    rail: str
    amount_minor: int
    currency: str
    purpose: str
    cover_minor: int = 0
    is_monthly: bool = False
    shows_name: bool = False
    tells_organiser: bool = False
    told: Told = field(default_factory=Told)
    rule: str = "us"
    has_gift_aid: bool = False
    language: str = "en"
    team_id: int | None = None


def digest_of(choice: Choice, *, key: bytes) -> bytes:
    """32 bytes that are the same for the same entries. Keyed (HMAC-SHA-256, RFC 2104): they name
    a person, and a bare hash could be guessed after an erasure.
    """
    entries = plain_of(choice) | {"told": plain_of(choice.told)}
    if choice.team_id is None:
        del entries["team_id"]
    plain = _SORTED.encode(entries).encode()
    return hmac.digest(key, b"pledge\x00" + plain, sha256)


def told_to_bytes(told: Told) -> bytes:
    """As JSON, filled up with spaces to whole blocks, so that its length tells little."""
    plain = json.dumps(plain_of(told), ensure_ascii=False, separators=(",", ":")).encode()
    return plain + b" " * (-len(plain) % BLOCK_BYTES)


def told_from_bytes(plain: bytes) -> Told:
    """Read what `told_to_bytes` wrote; what a later version added is left out."""
    known = Told.__slots__
    return Told(**{name: value for name, value in json.loads(plain).items() if name in known})
