"""Papers that are signed: what was frozen, the seats at it, and the day itself."""

from django.db import models
from django.db.models import Q

from twinhood.documents.models import Document, Slot, StoredFile
from twinhood.kit.fields import LocalTextField
from twinhood.people.models import Person
from twinhood.twinnings.models.drafts import Draft, Side, Step, Term, Version


class FrozenPaper(models.Model):
    """A paper of the version that both agreed to, as the document that is signed."""

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="frozen")
    # Its place among the version's papers, from 0.
    paper = models.PositiveSmallIntegerField()
    document = models.OneToOneField(Document, on_delete=models.PROTECT, related_name="+")
    frozen_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return str(self.document)


class Seat(models.Model):
    """Which side signs in a slot of a frozen paper, and with whose powers."""

    frozen = models.ForeignKey(FrozenPaper, on_delete=models.PROTECT, related_name="seats")
    slot = models.OneToOneField(Slot, on_delete=models.PROTECT, related_name="+")
    side = models.CharField(max_length=9, choices=Side)
    term = models.ForeignKey(Term, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["frozen", "side"], name="side_has_one_seat_a_paper"),
        ]

    def __str__(self) -> str:
        return f"{self.frozen}: {self.side}"


class StepPaper(models.Model):
    """The scan of a decision or approval; public once the ceremony is, unless it was struck out."""

    step = models.ForeignKey(Step, on_delete=models.PROTECT, related_name="papers")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["step", "file"], name="step_has_a_paper_once"),
        ]

    def __str__(self) -> str:
        return f"{self.step}: {self.file}"


class CeremonyPhoto(models.Model):
    """The newsroom's photo of a ceremony; public once the ceremony is, until it is pulled back."""

    draft = models.ForeignKey(Draft, on_delete=models.PROTECT, related_name="photos")
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    caption = LocalTextField()
    # What is to be seen, for those who cannot see it.
    alt = LocalTextField()
    credit = models.CharField(max_length=120)
    form_key = models.UUIDField(unique=True)
    added_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    pulled_back_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(credit=""), name="photo_names_who_took_it"),
        ]

    def __str__(self) -> str:
        return str(self.caption)


class Invitation(models.Model):
    """The letter to whoever signs in a seat: when it went out, or was last tried."""

    seat = models.OneToOneField(Seat, on_delete=models.PROTECT, related_name="invitation")
    tried_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.seat}: {self.sent_at}"
