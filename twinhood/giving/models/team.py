"""Teams: who gives together, as a neighbourhood does, without a list of members."""

from django.db import models
from django.db.models import Q

from twinhood.giving.models.pledge import Pledge
from twinhood.kit.fields import LocalTextField
from twinhood.people.models import Partnership, Person


class Team(models.Model):
    """A name that givers may choose with their gift. `slug` stands in the link that it shares."""

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="teams")
    slug = models.SlugField(max_length=60)
    name = LocalTextField()
    opened_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    # From then on it can be chosen no more; what was given with it stays counted.
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partnership", "slug"], name="team_slug_is_unique"),
            models.CheckConstraint(condition=~Q(slug=""), name="team_has_a_slug"),
        ]

    def __str__(self) -> str:
        return str(self.name)


class TeamPledge(models.Model):
    """A pledge that was made with a team, and with it every gift that comes of it."""

    pledge = models.OneToOneField(
        Pledge, on_delete=models.PROTECT, primary_key=True, related_name="with_team"
    )
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="pledges")

    def __str__(self) -> str:
        return f"{self.pledge} with {self.team}"
