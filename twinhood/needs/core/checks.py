"""Who may verify a need, how many must, and from when the world may read it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum


class Refusal(StrEnum):
    """Why somebody may not verify a need."""

    NOT_SUBMITTED = "not_submitted"
    WRITER = "writer"
    TWICE = "twice"
    CHANGED = "changed"


def why_not_verify(
    *,
    is_submitted: bool,
    writer_id: int,
    verifier_id: int,
    verified_by_ids: Collection[int],
    is_what_was_seen: bool = True,
) -> Refusal | None:
    """Return what forbids this verification, or None.

    Never the writer; each person once; and only the text that the verifier had before them.
    """
    if not is_submitted:
        return Refusal.NOT_SUBMITTED
    if verifier_id == writer_id:
        return Refusal.WRITER
    if verifier_id in verified_by_ids:
        return Refusal.TWICE
    return None if is_what_was_seen else Refusal.CHANGED


def public_from(verified_at: datetime, delay_hours: int) -> datetime:
    """From when a verified need is public; before, no page, list or file shows it."""
    return verified_at + timedelta(hours=delay_hours)
