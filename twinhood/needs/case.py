"""What needs tell of a case: asked, checked by others, in the campaign."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from twinhood.needs.models import AdoptedNeed, Need
from twinhood.people.case import Case, Stage, Step


def steps(case: Case) -> Iterator[Step]:
    """The steps of a need; a need that was given up has no step to come."""
    found = Need.objects.filter(partnership=case.partnership, number=case.need)
    need = found.select_related("written_for", "campaign").first()
    if need is None:
        return
    yield _asked(need, case)
    checks = list(
        need.verifications.filter(revision=need.revision)
        .select_related("organisation")
        .order_by("verified_at", "pk")
    )
    for check in checks:
        who = str(check.organisation.name)
        yield Step(Stage.CHECKED, gettext("Checked"), case.day_of(check.verified_at), who)
    if need.state in {Need.State.WITHDRAWN, Need.State.REJECTED}:
        return
    lacking = case.partnership.verifiers_needed - len(checks)
    if need.verified_at is None and lacking > 0:
        yield Step(
            Stage.CHECKED,
            ngettext("To be checked by %(n)d other", "To be checked by %(n)d others", lacking)
            % {"n": lacking},
        )
    yield from _campaign(need, case)


def _asked(need: Need, case: Case) -> Step:
    url = reverse("needs:desk_need", args=[case.partnership.slug, need.number])
    who = str(need.written_for.name)
    if need.submitted_at is None:
        return Step(Stage.ASKED, gettext("To be submitted for checking"), who=who, url=url)
    asked = gettext("Asked: %(need)s") % {"need": f"{need}, {need.title}"}
    return Step(Stage.ASKED, asked, case.day_of(need.submitted_at), who, url=url)


def _campaign(need: Need, case: Case) -> Iterator[Step]:
    who = str(case.partnership.recipient.name)
    if need.campaign is None:
        yield Step(Stage.IN_CAMPAIGN, gettext("To be put into the campaign"), who=who)
        return
    adopted = AdoptedNeed.objects.filter(need=need, decision__campaign=need.campaign)
    first = adopted.select_related("decision").order_by("decision__decided_date", "pk").first()
    if first is not None:
        number = first.decision.minutes_number
        title = gettext("In the campaign, minutes %(number)s") % {"number": number}
        yield Step(Stage.IN_CAMPAIGN, title, first.decision.decided_date, who)
    else:
        title = gettext("In the campaign; to be adopted by the board")
        yield Step(Stage.IN_CAMPAIGN, title, who=who)
