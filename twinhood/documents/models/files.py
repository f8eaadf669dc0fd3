"""Photos and scans: originals, the pictures made of them, and parts on their way."""

from django.db import models
from django.db.models import Q

from twinhood.documents.models.papers import SHA256_LENGTH
from twinhood.people.models import Partnership, Person


class StoredFile(models.Model):
    """A photo or a scan that somebody sent in; what shows it to others is its `renditions`.

    The bytes of the original stay private for ever. The room that refers to a file decides who
    may see it (`sight`). What nothing refers to is removed after some days (`files.sweep`).
    """

    class State(models.TextChoices):
        RECEIVING = "receiving", "on its way"
        RECEIVED = "received", "received"
        REFUSED = "refused", "refused"

    # Random: whoever has it cannot guess another.
    code = models.CharField(max_length=20, unique=True)
    # A file that belongs to no workspace, as a city's before it works here, has none.
    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # As it was called where it came from: a text to show, never a path.
    name = models.CharField(max_length=200)
    # Of the original.
    sha256 = models.CharField(max_length=SHA256_LENGTH, db_index=True)
    size_bytes = models.PositiveIntegerField()
    # Found in the bytes, never believed from the name; none before all of them are here.
    media_type = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=9, choices=State)
    # Why it was refused: a word of `core.unshown.Unshown`.
    reason = models.CharField(max_length=20, blank=True)
    # Nobody for what came by a secret link.
    uploaded_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    uploaded_at = models.DateTimeField()
    page_count = models.PositiveSmallIntegerField(default=0)
    # The original says where it was taken; renditions do not.
    had_place = models.BooleanField(default=False)
    # The original can act, or carries other files; renditions cannot.
    is_active = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="refused", page_count=0) & ~Q(reason="")
                | ~Q(state="refused") & Q(reason=""),
                name="refused_file_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state="received") | (~Q(media_type="") & Q(page_count__gte=1)),
                name="received_file_was_looked_at",
            ),
            models.CheckConstraint(condition=Q(size_bytes__gt=0), name="file_is_not_empty"),
        ]

    def __str__(self) -> str:
        return self.name or self.code


class Rendition(models.Model):
    """A page of a file made anew from its pixels: WebP, and nothing but the picture."""

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="renditions")
    # From 1; a photo has one page.
    page = models.PositiveSmallIntegerField()
    width_px = models.PositiveIntegerField()
    height_px = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=SHA256_LENGTH, db_index=True)
    size_bytes = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["file", "page", "width_px"], name="rendition_has_its_own_width"
            ),
            models.CheckConstraint(condition=Q(page__gte=1), name="first_page_is_1"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id}.{self.page}.{self.width_px}"


class FileChunk(models.Model):
    """A run of bytes of a file on its way, gone once the file is here. They leave no gap."""

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="chunks")
    start_byte = models.PositiveIntegerField()
    data = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["file", "start_byte"], name="chunk_is_sent_once"),
        ]

    def __str__(self) -> str:
        return f"{self.file_id}@{self.start_byte}"
