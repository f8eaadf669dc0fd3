"""Letters to donors: a queue that survives restarts."""

from django.db import models
from django.db.models import Q

from twinhood.giving.models.gift import Donor
from twinhood.needs.models import Change


class Mail(models.Model):
    """A letter to a donor. The address is read when it is sent, so a forgotten donor gets none."""

    class State(models.TextChoices):
        WAITING = "waiting", "waiting"
        SENT = "sent", "sent"
        # Refused for good, or returned later.
        BOUNCED = "bounced", "bounced"
        # Nobody to send it to any more, or the donor wants no such letters.
        DROPPED = "dropped", "dropped"

    donor = models.ForeignKey(Donor, on_delete=models.PROTECT, related_name="letters")
    # Which letter it is, and what it is about: `key` makes the same cause one letter.
    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=200, unique=True)
    # What its words need beside the donor: refs and numbers, nothing that names a person.
    facts = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)
    # Names the letter to whoever returns it (RFC 5322 Message-ID, the part before the @).
    message_id = models.CharField(max_length=64, blank=True)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="letter_that_waits"),
            models.Index(
                fields=["message_id"], condition=~Q(message_id=""), name="letter_by_its_message_id"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class ChangeTold(models.Model):
    """The letters about a changed need are queued, for all who gave for it before: once."""

    change = models.OneToOneField(Change, on_delete=models.PROTECT, related_name="told_by_letter")
    told_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"told of {self.change}"
