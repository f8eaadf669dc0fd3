"""Who looks at claims, and which claims are whose."""

from django.db.models import Q, QuerySet

from twinhood.joining.models import Claim, Pairing
from twinhood.kit import clock
from twinhood.people.core.permissions import RoleName
from twinhood.people.models import Person, Role


def may_vet(person: Person) -> bool:
    """Whether somebody looks at claims: a matchmaker of any partnership, or who runs the house.

    Nobody of the example does: what they vouch for would be invented.
    """
    if person.is_example or not person.is_active:
        return False
    held = Role.objects.held(clock.now().date())
    matches = held.filter(person=person, name=RoleName.MATCHMAKER)
    return person.is_operator or matches.filter(partnership__is_example=False).exists()


def claims() -> QuerySet[Claim]:
    return Claim.objects.select_related("place", "by", "called_by", "decided_by", "organisation")


def waiting() -> QuerySet[Claim]:
    """Claims that wait for somebody, the oldest first."""
    return claims().filter(state=Claim.State.OPEN).order_by("made_at", "pk")


def pairings_of(claim: Claim) -> QuerySet[Pairing]:
    """What was proposed to a city, the newest first."""
    related = ("giving__place", "receiving__place", "partnership", "by", "declined_by")
    found = Pairing.objects.filter(Q(giving=claim) | Q(receiving=claim)).select_related(*related)
    return found.order_by("-made_at", "-pk")
