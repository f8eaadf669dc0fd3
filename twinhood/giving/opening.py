"""What opens a gift's commitment to its donor: for that donor's eyes alone."""

from collections.abc import Iterator
from dataclasses import asdict
from itertools import product
from typing import Any

from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.keys import master_keys, open_donor
from twinhood.giving.models import Gift
from twinhood.translog.core import b64
from twinhood.translog.core.commitment import commit


def donor_facts(gift: Gift) -> DonorFacts:
    """What is known of the gift's donor today; empty for nobody and for who was erased."""
    return open_donor(gift.donor, master_keys()) if gift.donor else DonorFacts()


def opening_of(gift: Gift) -> dict[str, Any] | None:
    """Commitment, facts as they were told with this gift, and salt; None once it was erased.

    The donor's record may know more by now, from another gift: so what was told with this one is
    found by trying.
    """
    if gift.donor_salt is None:
        return None
    salt, commitment = bytes(gift.donor_salt), bytes(gift.donor_commitment)
    for facts in _perhaps_told(donor_facts(gift)):
        if commit(facts, salt) == commitment:
            opened = {"commitment": b64.encode(commitment), "facts": facts}
            return opened | {"salt": b64.encode(salt)}
    return None


def _perhaps_told(known: DonorFacts) -> Iterator[dict[str, str]]:
    """What is known, with every choice of fields left out."""
    fields = asdict(known)
    for kept in product((True, False), repeat=len(fields)):
        yield {
            name: value if keeps else ""
            for (name, value), keeps in zip(fields.items(), kept, strict=True)
        }


def is_donor(gift: Gift, typed: str) -> bool:
    """Whether somebody typed the e-mail address that the donor told, or the name if none."""
    facts = donor_facts(gift)
    told = facts.email or facts.name
    return bool(told) and typed.strip().casefold() == told.strip().casefold()
