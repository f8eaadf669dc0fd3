"""Licences of things of dual use, and notes that none is needed."""

from django.db import models
from django.db.models import F, Q

from twinhood.documents.models import StoredFile
from twinhood.needs.models import Need
from twinhood.people.models import Person


class Licence(models.Model):
    """A paper on which a thing of dual use may leave: attached by one, read by another."""

    class Kind(models.TextChoices):
        LICENCE = "licence", "licence"
        NOT_NEEDED = "not_needed", "note that none is needed"

    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="licences")
    kind = models.CharField(max_length=10, choices=Kind)
    file = models.OneToOneField(StoredFile, on_delete=models.PROTECT, related_name="+")
    # Which authority or lawyer says so, and the paper's number.
    said_by = models.CharField(max_length=200)
    # The last day on which it holds; None: it names none.
    until_date = models.DateField(null=True, blank=True)
    entered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    # None until somebody else has read it.
    is_accepted = models.BooleanField(null=True, blank=True)
    read_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    read_at = models.DateTimeField(null=True, blank=True)
    # Why it does not do.
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(said_by=""), name="licence_names_who_says_so"),
            models.CheckConstraint(
                condition=Q(is_accepted=None, read_by=None, read_at=None)
                | (
                    Q(is_accepted__isnull=False, read_by__isnull=False, read_at__isnull=False)
                    & ~Q(read_by=F("entered_by"))
                ),
                name="licence_is_read_by_somebody_else",
            ),
            models.CheckConstraint(
                condition=~Q(is_accepted=False) | ~Q(reason=""),
                name="licence_that_does_not_do_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.need}"
