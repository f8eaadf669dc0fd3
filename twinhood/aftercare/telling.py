"""What the log commits to of answers and incidents: the shapes of docs/reference/public-file.md.

No person, no plate and no holder is in them.
"""

from typing import Any

from twinhood.aftercare.models import FollowUp, Incident
from twinhood.needs.telling import commit

type Facts = dict[str, Any]


def follow_up_facts(follow_up: FollowUp) -> Facts:
    """That a holder said how a thing fares, so many months after its hand-over."""
    if follow_up.answered_at is None:
        raise ValueError("a follow-up that nobody answered tells nothing")
    return {
        "condition": str(follow_up.condition),
        "date": follow_up.answered_at.date().isoformat(),
        "kind": "follow-up",
        "months": follow_up.months,
        "unit": follow_up.unit.code,
    }


def incident_facts(incident: Incident) -> Facts:
    """An incident in the words that two people agreed to."""
    return {
        "done": dict(incident.done),
        "found_date": incident.found_date.isoformat(),
        "incident": incident.number,
        "kind": "incident",
        "severity": str(incident.severity),
        "title": dict(incident.title),
        "units": sorted(incident.units.values_list("code", flat=True)),
        "what": dict(incident.what),
    }


def commit_answer(follow_up: FollowUp) -> bytes:
    return commit(follow_up.unit.order.partnership, follow_up_facts(follow_up))


def commit_incident(incident: Incident) -> bytes:
    return commit(incident.partnership, incident_facts(incident))
