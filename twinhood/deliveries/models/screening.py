"""Lists of sanctions, and what came of looking somebody up in them."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from twinhood.people.models import Organisation, Partnership, Person


class ScreeningList(models.Model):
    """One version of one publisher's list. Of older versions there is this row, not the names."""

    code = models.SlugField(max_length=40)
    version_date = models.DateField()
    # SHA-256 of the file, so that anybody can see which one it was.
    sha256 = models.CharField(max_length=64)
    names_count = models.PositiveIntegerField()
    imported_at = models.DateTimeField()
    # Why it has far fewer names than the version before; empty where it has not.
    shorter_reason = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "sha256"], name="list_is_imported_once")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.version_date}"


class ListedName(models.Model):
    """One name in the newest version of a list; `folded` is how it is compared."""

    list = models.ForeignKey(ScreeningList, on_delete=models.CASCADE, related_name="names")
    uid = models.CharField(max_length=60)
    name = models.CharField(max_length=600)
    folded = models.CharField(max_length=600)

    class Meta:
        indexes = [
            GinIndex(fields=["folded"], opclasses=["gin_trgm_ops"], name="listed_name_by_trigrams")
        ]

    def __str__(self) -> str:
        return self.name


class Screening(models.Model):
    """Somebody was looked up: which names, in which versions, what was found, who decided.

    Without a hit it is clear; with one it is open until somebody else decides, with a reason.
    """

    class Outcome(models.TextChoices):
        OPEN = "open", "open"
        CLEAR = "clear", "clear"
        LISTED = "listed", "listed"

    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, related_name="screenings"
    )
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="screenings"
    )
    names = models.JSONField()
    # [{code, date, sha256, names}] and [{list, uid, name, asked, percent}].
    lists = models.JSONField()
    hits = models.JSONField()
    outcome = models.CharField(max_length=8, choices=Outcome)
    screened_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    screened_at = models.DateTimeField()
    expires_date = models.DateField()
    decided_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(lists=[]) & ~Q(names=[]), name="screening_looked_something_up"
            ),
            models.CheckConstraint(
                condition=Q(outcome="open", decided_by=None)
                | Q(outcome="clear", hits=[], decided_by=None)
                | (
                    Q(decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(reason="")
                    & ~Q(decided_by=models.F("screened_by"))
                ),
                name="a_hit_is_decided_by_somebody_else_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"screening of {self.organisation}"
