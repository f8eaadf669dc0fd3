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
    SAME_PERSON = "same_person"
    NOTHING_CHECKED = "nothing_checked"
    NO_REGISTER = "no_register"
    NOT_CALLED = "not_called"


class Check(StrEnum):
    """What can be checked of a need; a verifier ticks what they did."""

    CALLED = "called"
    HEAD = "head"
    CODE = "code"
    EVIDENCE = "evidence"
    QUOTE = "quote"
    PLACE = "place"


def why_not_verify(
    *,
    is_submitted: bool,
    writer_id: int,
    verifier_id: int,
    verified_by_ids: Collection[int],
    same_person_ids: Collection[int] = (),
    is_what_was_seen: bool = True,
) -> Refusal | None:
    """Return what forbids this verification, or None.

    Never the writer; each person once, whichever of their accounts (`same_person_ids`) they use;
    and only the text that the verifier had before them.
    """
    if not is_submitted:
        return Refusal.NOT_SUBMITTED
    if verifier_id == writer_id:
        return Refusal.WRITER
    if verifier_id in verified_by_ids:
        return Refusal.TWICE
    if {writer_id, *verified_by_ids} & set(same_person_ids):
        return Refusal.SAME_PERSON
    return None if is_what_was_seen else Refusal.CHANGED


def why_checklist_is_short(
    checked: Collection[Check], *, register: str, is_last: bool, called_before: bool
) -> Refusal | None:
    """Return what a checklist lacks, or None.

    A check without anything checked is none. Who called says from which register the number was;
    and with the last check that a need wants, somebody has called.
    """
    if not checked:
        return Refusal.NOTHING_CHECKED
    if Check.CALLED in checked and not register.strip():
        return Refusal.NO_REGISTER
    if is_last and not called_before and Check.CALLED not in checked:
        return Refusal.NOT_CALLED
    return None


def public_from(verified_at: datetime, delay_hours: int) -> datetime:
    """From when a verified need is public; before, no page, list or file shows it."""
    return verified_at + timedelta(hours=delay_hours)
