"""Donors' keys: made, kept, used and destroyed (docs/decisions/0007-donors-keys.md).

Each donor's facts are sealed with a key of their own; that key lies beside them, wrapped by the
master key, which lies in no database but in `KEYS_DIR/donors.key`. To forget a donor is to destroy
the wrapped key with the facts.
"""

import hmac
import os
import secrets
from collections.abc import Hashable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from django.conf import settings

from twinhood.giving.core import names, sealing
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.errors import DonorKeysMissing
from twinhood.giving.models import Donor
from twinhood.kit import durable

FILE_NAME = "donors.key"
_HEAD = "twinhood donors' keys 1"


@dataclass(frozen=True, slots=True)
class MasterKeys:
    """One key wraps donors' keys, another makes keyed hashes: neither tells of the other."""

    wrapping: bytes
    indexing: bytes

    def __repr__(self) -> str:
        return "MasterKeys(…)"


# The keys as they were read last, and of which file: read anew as soon as it is another.
_read: tuple[Hashable, MasterKeys] | None = None


def master_keys() -> MasterKeys:
    """Read the master keys, making them on first use. Raises DonorKeysMissing."""
    global _read
    path = os.path.join(settings.KEYS_DIR, FILE_NAME)
    try:
        which = _which(path)
    except FileNotFoundError:
        _read = None
        return _read_or_make(Path(path))
    known = _read
    if known is None or known[0] != which:
        known = _read = which, _read_or_make(Path(path))
    return known[1]


def _which(path: str) -> Hashable:
    """What changes when a file is written or replaced."""
    found = os.stat(path)
    return path, found.st_ino, found.st_mtime_ns, found.st_ctime_ns, found.st_size


def _read_or_make(path: Path) -> MasterKeys:
    if not path.exists():
        # New keys beside old donors would hide that theirs are lost.
        # (Who made the first of both at this very moment has written the keys first.)
        if Donor.objects.filter(wrapped_key__isnull=False).exists() and not path.exists():
            raise DonorKeysMissing(str(path))
        _create(path)
    head, wrapping, indexing = path.read_text(encoding="ascii").splitlines()
    if head != _HEAD:
        raise DonorKeysMissing(str(path))
    return MasterKeys(bytes.fromhex(wrapping), bytes.fromhex(indexing))


def _create(path: Path) -> None:
    """Write new keys, durably; of two who try at once, one wins and both read it."""
    lines = [_HEAD, secrets.token_hex(sealing.KEY_BYTES), secrets.token_hex(sealing.KEY_BYTES)]
    durable.write_new(path, ("\n".join(lines) + "\n").encode("ascii"))


def _key_context(partnership_id: int) -> bytes:
    return b"donor-key:%d" % partnership_id


def _facts_context(partnership_id: int) -> bytes:
    return b"donor-facts:%d" % partnership_id


def seal_donor(donor: Donor, facts: DonorFacts, keys: MasterKeys) -> None:
    """Put `facts` into `donor` (not saved), under its key or, if it has none, a new one."""
    if donor.wrapped_key:
        donor_key = _donor_key(donor, keys)
    else:
        donor_key, donor.wrapped_key = new_donor_key(donor.partnership_id, keys)
    donor.sealed = seal_facts(facts, donor_key, donor.partnership_id)
    if facts.email:
        donor.email_index = index_of(facts.email, donor.partnership_id, keys)


def new_donor_key(partnership_id: int, keys: MasterKeys) -> tuple[bytes, bytes]:
    """A key for a new donor, and the same wrapped, as it is kept."""
    donor_key = secrets.token_bytes(sealing.KEY_BYTES)
    return donor_key, _seal(donor_key, keys.wrapping, _key_context(partnership_id))


def seal_facts(facts: DonorFacts, donor_key: bytes, partnership_id: int) -> bytes:
    return _seal(sealing.facts_to_bytes(facts), donor_key, _facts_context(partnership_id))


def _seal(plain: bytes, key: bytes, context: bytes) -> bytes:
    nonce = secrets.token_bytes(sealing.NONCE_BYTES)
    return sealing.seal(plain, key=key, nonce=nonce, context=context)


def _donor_key(donor: Donor, keys: MasterKeys) -> bytes:
    return unwrapped(bytes(donor.wrapped_key or b""), donor.partnership_id, keys)


def unwrapped(wrapped_key: bytes, partnership_id: int, keys: MasterKeys) -> bytes:
    """A donor's own key. Raises sealing.NotOurs."""
    return sealing.unseal(wrapped_key, key=keys.wrapping, context=_key_context(partnership_id))


def open_donor(donor: Donor, keys: MasterKeys) -> DonorFacts:
    """What the donor told; nothing for one whose key was destroyed. Raises sealing.NotOurs."""
    if donor.sealed is None or donor.wrapped_key is None:
        return DonorFacts()
    context = _facts_context(donor.partnership_id)
    plain = sealing.unseal(bytes(donor.sealed), key=_donor_key(donor, keys), context=context)
    return sealing.facts_from_bytes(plain)


def index_of(email: str, partnership_id: int, keys: MasterKeys) -> bytes:
    """The keyed hash under which a donor with this address is found again, 32 bytes."""
    context = b"email:%d" % partnership_id
    return sealing.email_index(email, key=keys.indexing, context=context)


def link_secret(purpose: str, keys: MasterKeys) -> str:
    """A donor's secret that we can find again for a letter, though only its hash is stored.

    `purpose` names what it opens, e.g. "pledge:<form key>"; without the keys it tells nothing.
    """
    return names.secret_from(link_bytes(purpose, keys))


def link_bytes(purpose: str, keys: MasterKeys) -> bytes:
    """The same, not yet written out."""
    return hmac.digest(keys.indexing, b"link\x00" + purpose.encode(), sha256)


def seal_words(plain: bytes, donor: Donor | None, partnership_id: int, keys: MasterKeys) -> bytes:
    """Seal what was told with a pledge: by the donor's key, so that they are forgotten together,
    or by the master key where nobody said who they are.
    """
    key = _donor_key(donor, keys) if donor else keys.wrapping
    return seal_words_with(key, plain, partnership_id)


def seal_words_with(key: bytes, plain: bytes, partnership_id: int) -> bytes:
    """The same, with the key itself at hand."""
    return _seal(plain, key, _words_context(partnership_id))


def open_words(sealed: bytes, donor: Donor | None, partnership_id: int, keys: MasterKeys) -> bytes:
    """Open what `seal_words` gave. Raises sealing.NotOurs, also once the donor was forgotten."""
    key = _donor_key(donor, keys) if donor else keys.wrapping
    return sealing.unseal(sealed, key=key, context=_words_context(partnership_id))


def _words_context(partnership_id: int) -> bytes:
    return b"pledge-words:%d" % partnership_id


def seal_note(text: str, keys: MasterKeys, purpose: str) -> str:
    """Seal a short text that waits in the session for its reader, as hexadecimal digits."""
    return _seal(text.encode(), keys.wrapping, b"note:" + purpose.encode()).hex()


def open_note(sealed: str, keys: MasterKeys, purpose: str) -> str:
    """Open what `seal_note` gave for the same purpose. Raises sealing.NotOurs."""
    context = b"note:" + purpose.encode()
    return sealing.unseal(bytes.fromhex(sealed), key=keys.wrapping, context=context).decode()
