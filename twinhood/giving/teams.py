"""Teams: opened at the desk, chosen by givers, told as a number and a sum without any name.

Amounts are minor units of the currency beside them.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.text import slugify

from twinhood.giving.models import Team, TeamPledge
from twinhood.kit.fields import LocalText
from twinhood.people.models import Partnership, Person

# Of fewer gifts no sum is said, so that nobody can be guessed among neighbours.
TOLD_FROM = 5
SLUG_MAX = 60


@transaction.atomic
def open_team(*, partnership: Partnership, name: LocalText, by: Person, at: datetime) -> Team:
    """Open a team; one whose English name makes the same link is opened anew under this name."""
    slug = slugify(name.get("en", ""))[:SLUG_MAX].strip("-")
    if not slug:
        raise ValueError("a team needs an English name for its link")
    Partnership.objects.select_for_update().get(pk=partnership.pk)
    team, is_new = Team.objects.get_or_create(
        partnership=partnership,
        slug=slug,
        defaults={"name": name, "opened_by": by, "opened_at": at},
    )
    if not is_new:
        team.name, team.closed_at = name, None
        team.save(update_fields=["name", "closed_at"])
    return team


def close_team(*, partnership: Partnership, slug: str, at: datetime) -> None:
    """Let nobody choose it any more; again it changes nothing."""
    Team.objects.filter(partnership=partnership, slug=slug, closed_at=None).update(closed_at=at)


def open_teams(partnership: Partnership) -> QuerySet[Team]:
    """Those that can be chosen, by their links."""
    return Team.objects.filter(partnership=partnership, closed_at=None).order_by("slug")


def note(*, pledge_id: int, team_id: int) -> None:
    """Keep with which team a pledge was made. Safe to repeat."""
    TeamPledge.objects.get_or_create(pledge_id=pledge_id, defaults={"team_id": team_id})


@dataclass(frozen=True, slots=True)
class TeamFigure:
    """How many gifts came with a team in one currency, and what of them was not given back.

    `currency` is "" where none came yet.
    """

    team: Team
    gifts: int
    amount_minor: int
    currency: str

    @property
    def is_few(self) -> bool:
        return self.gifts < TOLD_FROM


# A pledge's own gift, and those of the months that followed.
FIGURES = """
WITH came AS (
  SELECT w.team_id, p.gift_id FROM giving_teampledge w
    JOIN giving_team t ON t.id = w.team_id JOIN giving_pledge p ON p.id = w.pledge_id
   WHERE t.partnership_id = %(partnership)s AND p.gift_id IS NOT NULL
  UNION
  SELECT w.team_id, m.gift_id FROM giving_teampledge w
    JOIN giving_team t ON t.id = w.team_id
    JOIN giving_recurringgift r ON r.pledge_id = w.pledge_id
    JOIN giving_recurringperiod m ON m.recurring_id = r.id
   WHERE t.partnership_id = %(partnership)s
), back AS (
  SELECT r.gift_id, sum(r.line_minor + r.operating_minor) AS minor
    FROM giving_refund r LEFT JOIN giving_dispute d ON d.refund_id = r.id
   WHERE r.returned_at IS NULL AND coalesce(d.returned_key, '') = ''
     AND r.gift_id IN (SELECT gift_id FROM came)
   GROUP BY 1
)
SELECT came.team_id, g.currency, count(*),
       sum(greatest(0, g.amount_minor - coalesce(back.minor, 0)))
  FROM came JOIN giving_gift g ON g.id = came.gift_id LEFT JOIN back ON back.gift_id = g.id
 WHERE g.amount_minor > coalesce(back.minor, 0)
 GROUP BY 1, 2 ORDER BY 1, 2
"""


def figures(partnership: Partnership) -> list[TeamFigure]:
    """Every team with its gifts, the largest number first; two queries, none without teams.

    Gifts that were given back whole are not counted.
    """
    teams = {team.pk: team for team in Team.objects.filter(partnership=partnership)}
    if not teams:
        return []
    with connection.cursor() as cursor:
        cursor.execute(FIGURES, {"partnership": partnership.pk})
        found = [
            TeamFigure(teams[team], int(gifts), int(minor), currency)
            for team, currency, gifts, minor in cursor.fetchall()
        ]
    known = {figure.team.pk for figure in found}
    found += [TeamFigure(team, 0, 0, "") for pk, team in teams.items() if pk not in known]
    return sorted(found, key=lambda one: (-one.gifts, one.team.slug, one.currency))
