"""What the log commits to of needs: facts that the world reads once the safety rule lets them out.

The shapes are those of docs/reference/public-file.md. No person is in them. Until they are opened
nobody can tell a need's commitment from a delivery's.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from twinhood.ledger.actions import name_in_log
from twinhood.needs.models import Change, Need
from twinhood.people.models import Partnership
from twinhood.translog import actions as translog

type Facts = dict[str, Any]


def commit(partnership: Partnership, facts: Facts) -> bytes:
    """Commit to facts in the caller's transaction; return the commitment's 32 bytes."""
    return translog.commit(partnership=name_in_log(partnership), facts=facts).commitment


def need_facts(need: Need) -> Facts:
    """A verified need, as its page shows it. The price is a text: minor units for one thing."""
    return {
        "beneficiary": dict(need.beneficiary.name),
        "category": str(need.category),
        "checks": need.partnership.verifiers_needed,
        "currency": need.currency,
        "kind": "need",
        "need": need.number,
        "quantity": need.quantity,
        "title": dict(need.title),
        "unit_price_minor": str(need.unit_price_minor),
        "unit_title": dict(need.unit_title),
        "verified_date": _date(need.verified_at),
        "why": dict(need.why),
    }


def evidence_facts(need: Need, digests: Iterable[str]) -> Facts:
    """SHA-256 of each original that showed the need when it was verified, public or not."""
    return {
        "date": _date(need.verified_at),
        "files": sorted(digests),
        "kind": "need-evidence",
        "need": need.number,
    }


def change_facts(change: Change) -> Facts:
    """That a verified need asks for something else since a day, and why."""
    return {
        "covered": change.covered,
        "date": _date(change.decided_at),
        "kind": "need-changed",
        "need": change.need.number,
        "quantity": change.quantity,
        "reason": change.reason,
        "unit_price_minor": str(change.unit_price_minor),
    }


def withdrawal_facts(need: Need, at: datetime) -> Facts:
    """That a need that was verified was given up, and why."""
    return {
        "date": _date(at),
        "kind": "need-withdrawn",
        "need": need.number,
        "reason": need.state_reason,
    }


def _date(at: datetime | None) -> str:
    if at is None:
        raise ValueError("what did not happen yet has no facts")
    return at.date().isoformat()
