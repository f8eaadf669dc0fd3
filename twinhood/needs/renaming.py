"""Another name for an institution that others have checked: one proposes it, another agrees.

Who it was for stays readable: a clerk who renames a hospital alone could send its help elsewhere.
"""

from datetime import datetime

from django.db import transaction

from twinhood.kit.fields import LocalText
from twinhood.needs import errors
from twinhood.needs.models import Need, Renaming
from twinhood.people.identity import same_people
from twinhood.people.models import Organisation, Person


def is_checked(organisation: Organisation) -> bool:
    """Whether others have verified a need for this institution, and so know it by its name."""
    return Need.objects.filter(beneficiary=organisation.pk, verified_at__isnull=False).exists()


def former_names(organisation: Organisation) -> list[Renaming]:
    """What it was called before, the newest first."""
    found = Renaming.objects.filter(organisation=organisation, is_agreed=True)
    return list(found.order_by("-decided_at", "-pk"))


def first_name(organisation: Organisation) -> LocalText:
    """The name that it was checked by: no renaming later makes another one familiar."""
    former = former_names(organisation)
    return LocalText(former[-1].name_before if former else organisation.name)


def waiting_for(organisation: Organisation) -> Renaming | None:
    """The other name that was proposed and not decided about yet."""
    return Renaming.objects.filter(organisation=organisation, is_agreed=None).first()


@transaction.atomic
def propose(
    *,
    organisation: Organisation,
    name: LocalText,
    reason: str,
    by: Person,
    body: Organisation,
    at: datetime,
) -> Renaming:
    """Propose another name. Raises ReasonMissing, WrongState where another one waits."""
    if not reason.strip():
        raise errors.ReasonMissing
    organisation = Organisation.objects.select_for_update(of=("self",)).get(pk=organisation.pk)
    if waiting_for(organisation):
        raise errors.WrongState(str(organisation), "waiting")
    return Renaming.objects.create(
        organisation=organisation,
        name_before=organisation.name,
        name=name,
        reason=reason.strip(),
        proposed_by=by,
        proposed_for=body,
        proposed_at=at,
    )


@transaction.atomic
def decide(
    *, renaming: Renaming, is_agreed: bool, by: Person, body: Organisation, at: datetime
) -> Renaming:
    """Agree to another name, or leave the one that is.

    Raises OwnChange (own proposal, or one's own organisation's), WrongState (decided before).
    """
    renaming = Renaming.objects.select_for_update(of=("self",)).get(pk=renaming.pk)
    if renaming.is_agreed is not None:
        raise errors.WrongState(str(renaming), "decided")
    if renaming.proposed_by_id in same_people(by) or renaming.proposed_for_id == body.pk:
        raise errors.OwnChange
    renaming.is_agreed = is_agreed
    renaming.decided_by, renaming.decided_for, renaming.decided_at = by, body, at
    renaming.save(update_fields=["is_agreed", "decided_by", "decided_for", "decided_at"])
    if is_agreed:
        Organisation.objects.filter(pk=renaming.organisation_id).update(name=renaming.name)
    return renaming
