"""How a twinning goes from state to state, and who may say so.

Words are those of `Twinning.State`. Nothing leads back to "proposed", and what has ended may
still be kept in honour.
"""

from enum import StrEnum

PROPOSED, RESOLVED, HALF_SIGNED, IN_FORCE = "proposed", "resolved", "half_signed", "in_force"
SUSPENDED, ENDED, EMERITUS = "suspended", "ended", "emeritus"
NEXT: dict[str, frozenset[str]] = {
    PROPOSED: frozenset({RESOLVED, HALF_SIGNED, IN_FORCE, ENDED}),
    RESOLVED: frozenset({HALF_SIGNED, IN_FORCE, ENDED}),
    HALF_SIGNED: frozenset({IN_FORCE, ENDED}),
    IN_FORCE: frozenset({SUSPENDED, ENDED, EMERITUS}),
    SUSPENDED: frozenset({IN_FORCE, ENDED, EMERITUS}),
    ENDED: frozenset({EMERITUS}),
    EMERITUS: frozenset({IN_FORCE}),
}
# A signature says these, and nobody's mere word.
BY_SIGNING = frozenset({HALF_SIGNED})


class Refusal(StrEnum):
    """Why a twinning cannot change so."""

    NO_WAY = "no_way"
    OTHER_SUSPENDED = "other_suspended"
    FUTURE = "future"
    EARLIER = "earlier"


def why_not_become(
    state: str, new_state: str, *, side: str | None, suspended_by: str | None
) -> Refusal | None:
    """Say what forbids the change, or None.

    One side alone can suspend; the side that suspended is the one that resumes. `side` and
    `suspended_by` are names of sides; None where it is not known who suspended.
    """
    if new_state not in NEXT[state] or new_state in BY_SIGNING:
        return Refusal.NO_WAY
    is_resumed = state == SUSPENDED and new_state == IN_FORCE
    if is_resumed and suspended_by is not None and side != suspended_by:
        return Refusal.OTHER_SUSPENDED
    return None
