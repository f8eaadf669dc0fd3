"""Donors are told when an official list pauses the campaign they gave to, and what the board said.

One letter each for the pause and for each decision; their money stays where it is meanwhile.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import batched

from twinhood.giving import letters
from twinhood.giving.models import Gift, Mail
from twinhood.needs.campaigns import pause_of
from twinhood.needs.models import BoardDecision, Campaign

PAUSED, DECIDED = "paused", "decided"


def tell_all(at: datetime) -> int:
    """Queue what donors were not told yet; return how many letters were asked for.

    Safe to repeat: each donor has one letter for a pause and one for a decision.
    """
    count = 0
    for campaign in Campaign.objects.filter(state=Campaign.State.OPEN).select_related(
        "partnership__receiving_place"
    ):
        standing = pause_of(campaign, at)
        if standing is not None:
            facts = {"campaign": campaign.pk, "since": standing.since_date.isoformat()}
            count += _tell(campaign, PAUSED, f"{PAUSED}:{campaign.pk}:{standing.pk}", facts)
    answers = BoardDecision.objects.exclude(kind=BoardDecision.Kind.ADOPTED)
    for decision in answers.select_related("campaign"):
        facts = {"decision": decision.pk}
        count += _tell(decision.campaign, DECIDED, f"{DECIDED}:{decision.pk}", facts)
    return count


def _tell(campaign: Campaign, kind: str, cause: str, facts: dict[str, object]) -> int:
    donors = list(_untold(campaign, cause))
    for batch in batched(donors, 1_000):
        letters.queue_many(
            letters.NewLetter(donor_id=donor, kind=kind, key=f"{cause}:{donor}", facts=facts)
            for donor in batch
        )
    return len(donors)


def _untold(campaign: Campaign, cause: str) -> Iterator[int]:
    told = Mail.objects.filter(key__startswith=f"{cause}:").values("donor_id")
    gave = Gift.objects.filter(fund=campaign.fund_id, donor__isnull=False).exclude(
        donor_id__in=told
    )
    yield from gave.order_by("donor_id").values_list("donor_id", flat=True).distinct()


def _tell_paused(mail: Mail) -> letters.Told | None:
    related = ("partnership__giving_place", "partnership__receiving_place")
    campaign = Campaign.objects.select_related(*related).get(pk=mail.facts["campaign"])
    return letters.Told(
        {
            "city": str(campaign.partnership.receiving_place),
            "since": mail.facts["since"],
            "fallback": str(campaign.fallback_purpose),
        }
    )


def _tell_decided(mail: Mail) -> letters.Told | None:
    related = ("campaign__partnership__receiving_place",)
    decision = BoardDecision.objects.select_related(*related).get(pk=mail.facts["decision"])
    return letters.Told(
        {
            "city": str(decision.campaign.partnership.receiving_place),
            "goes_on": decision.kind == BoardDecision.Kind.RESUMED,
            "minutes": decision.minutes_number,
            "decided_date": decision.decided_date,
            "fallback": str(decision.campaign.fallback_purpose),
        }
    )


letters.KINDS[PAUSED] = letters.Kind(tell=_tell_paused)
letters.KINDS[DECIDED] = letters.Kind(tell=_tell_decided)
