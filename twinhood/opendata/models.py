"""The public files that were built, and how far one is that is being built."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from twinhood.people.models import Partnership


class PublicFile(models.Model):
    """One building of a partnership's public file: the log at one sealed size, as a zip."""

    class State(models.TextChoices):
        BUILDING = "building", "building"
        READY = "ready", "ready"
        FAILED = "failed", "failed"
        # Its bytes are deleted: newer ones came, or something in it may not be shown any more.
        REMOVED = "removed", "removed"

    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, related_name="public_files"
    )
    state = models.CharField(max_length=8, choices=State, default=State.BUILDING)
    # What it was made of: checkpoint, keys and openings, hashed.
    fingerprint = models.CharField(max_length=64)
    log_size = models.BigIntegerField()
    # The checkpoint with its cosignatures, as it is in the file.
    checkpoint = models.TextField()
    # Commitments (base64) that the file opens: all of them must still be public.
    opened = ArrayField(models.CharField(max_length=44), default=list)
    leaves_done = models.BigIntegerField(default=0)
    leaves_count = models.BigIntegerField()
    started_at = models.DateTimeField()
    # Moves while somebody builds; a building that stands still has died.
    touched_at = models.DateTimeField()
    built_at = models.DateTimeField(null=True, blank=True)
    # Under PUBLIC_FILES_DIR.
    path = models.CharField(max_length=200, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size_bytes = models.BigIntegerField(default=0)
    # What is in it: path and size in bytes of each file.
    contents = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partnership"],
                condition=Q(state="building"),
                name="one_public_file_is_built_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="ready")
                | Q(~Q(path=""), ~Q(sha256=""), built_at__isnull=False, size_bytes__gt=0),
                name="ready_public_file_is_there",
            ),
        ]
        indexes = [
            models.Index(fields=["partnership", "state", "-id"], name="public_file_newest_first")
        ]

    def __str__(self) -> str:
        return f"public file of {self.partnership} at {self.log_size}"
