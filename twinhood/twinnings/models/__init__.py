"""Twinnings, what happened to them, and the papers they stand on."""

from twinhood.twinnings.models.drafts import (
    Comment,
    Draft,
    Mark,
    Office,
    Proposal,
    Side,
    Step,
    Term,
    Version,
)
from twinhood.twinnings.models.papers import CeremonyPhoto, FrozenPaper, Invitation, Seat, StepPaper
from twinhood.twinnings.models.registry import (
    Agreement,
    Instrument,
    Milestone,
    Signature,
    Twinning,
    TwinningSource,
)

__all__ = [
    "Agreement",
    "CeremonyPhoto",
    "Comment",
    "Draft",
    "FrozenPaper",
    "Instrument",
    "Invitation",
    "Mark",
    "Milestone",
    "Office",
    "Proposal",
    "Seat",
    "Side",
    "Signature",
    "Step",
    "StepPaper",
    "Term",
    "Twinning",
    "TwinningSource",
    "Version",
]
