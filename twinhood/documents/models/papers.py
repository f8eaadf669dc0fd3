"""Papers, their revisions, and who signed or refused them in which way."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from twinhood.kit.fields import LocalTextField
from twinhood.people.models import Organisation, Partnership, Person

SHA256_LENGTH = 64


class Document(models.Model):
    """A frozen paper. What it is about is a plain reference, such as "agreement:12"."""

    # Papers that belong to no workspace, as a twinning's before it works here, have none.
    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    about = models.CharField(max_length=80)
    # Public: it stands on the paper and in /v/<code>.
    code = models.CharField(max_length=12, unique=True)
    kind = models.CharField(max_length=40)
    title = LocalTextField()
    languages = ArrayField(models.CharField(max_length=12), size=2)
    is_specimen = models.BooleanField(default=False)
    # Its bytes are for those at work: the world sees hashes, and may bring a copy of its own.
    is_private = models.BooleanField(default=False)
    # Nobody signs it: the log alone vouches for it, and its bytes are not kept.
    is_sealed = models.BooleanField(default=False)
    frozen_at = models.DateTimeField()
    # Of the frozen bytes, before anybody signed.
    sha256 = models.CharField(max_length=SHA256_LENGTH)
    # What was set, as `core.paper.to_json` writes it: the same facts give the same bytes.
    facts = models.JSONField()
    # The corrected paper that takes this one's place; this one is kept as what it was.
    replaces = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by"
    )

    class Meta:
        indexes = [models.Index(fields=["about"], name="document_about")]
        constraints = [
            models.CheckConstraint(
                condition=~Q(replaces=F("id")), name="document_does_not_replace_itself"
            ),
            models.CheckConstraint(
                condition=Q(is_sealed=False) | Q(is_private=True), name="sealed_paper_is_private"
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Revision(models.Model):
    """The document's bytes after one addition; each begins with all bytes of the one before."""

    class Added(models.TextChoices):
        FROZEN = "frozen", "the frozen text"
        SIGNATURE = "signature", "a signature"
        EVIDENCE = "evidence", "timestamps and revocation data"

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="revisions")
    # 0 is the frozen paper.
    number = models.PositiveSmallIntegerField()
    added = models.CharField(max_length=10, choices=Added)
    sha256 = models.CharField(max_length=SHA256_LENGTH)
    length_bytes = models.PositiveIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "number"], name="revision_number_is_unique"
            ),
            models.UniqueConstraint(fields=["sha256"], name="revision_bytes_are_of_one_document"),
            models.CheckConstraint(
                condition=Q(number=0, added="frozen") | (Q(number__gt=0) & ~Q(added="frozen")),
                name="revision_0_is_the_frozen_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document_id}.{self.number}"


class LoggedRevision(models.Model):
    """A revision of a signed paper, as a leaf of the log."""

    revision = models.OneToOneField(Revision, on_delete=models.PROTECT, related_name="logged")
    leaf_id = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.revision}: {self.leaf_id}"


class Slot(models.Model):
    """Where one side signs: a field of the PDF, made before the paper was frozen."""

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="slots")
    position = models.PositiveSmallIntegerField()
    field_name = models.CharField(max_length=40)
    party = LocalTextField()
    office = LocalTextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "field_name"], name="slot_has_its_own_field"
            ),
            models.UniqueConstraint(fields=["document", "position"], name="slot_has_its_own_place"),
        ]

    def __str__(self) -> str:
        return self.field_name


class Scan(models.Model):
    """A paper that was signed by hand, as it was sent in; private. It counts once two saw it."""

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="scans")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=SHA256_LENGTH)
    media_type = models.CharField(max_length=40)
    signed_date = models.DateField()
    # The capacity of who signed, as `core.capacity.to_json` writes it.
    capacity = models.JSONField()
    entered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slot", "sha256"], name="scan_is_sent_once"),
        ]

    def __str__(self) -> str:
        return f"{self.slot}: {self.sha256[:8]}"


class HandWitness(models.Model):
    """Somebody who saw a signature by hand; two of them, of different organisations."""

    scan = models.ForeignKey(Scan, on_delete=models.PROTECT, related_name="witnesses")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    witnessed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scan", "person"], name="witness_is_one_person"),
            models.UniqueConstraint(
                fields=["scan", "organisation"], name="witnesses_are_of_two_organisations"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}"


class Signature(models.Model):
    """Who signed a slot and how, as it stood at that moment. A slot is signed once."""

    class Method(models.TextChoices):
        HERE = "here", "with the office's certificate here"
        OWN = "own", "with a certificate of their own"
        PAPER = "paper", "by hand, on paper"

    slot = models.OneToOneField(Slot, on_delete=models.PROTECT, related_name="signature")
    # For paper: the revision that was printed. Else the one that this signature made.
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="signatures")
    method = models.CharField(max_length=6, choices=Method)
    entered_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()
    # The capacity at that moment.
    name = models.CharField(max_length=200)
    office = LocalTextField()
    legal_basis = LocalTextField()
    act = models.CharField(max_length=200, blank=True)
    from_date = models.DateField()
    until_date = models.DateField(null=True, blank=True)
    # SHA-256 of the certificate that signed; none on paper.
    certificate_sha256 = models.CharField(max_length=SHA256_LENGTH, blank=True)
    # What the passkey answered, for whoever wants to check the release again.
    release = models.JSONField(null=True, blank=True)
    # What was signed by hand.
    scan = models.OneToOneField(
        Scan, on_delete=models.PROTECT, null=True, blank=True, related_name="signature"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=(Q(method="paper") & Q(scan__isnull=False) & Q(certificate_sha256=""))
                | (~Q(method="paper") & Q(scan__isnull=True) & ~Q(certificate_sha256="")),
                name="signature_has_a_certificate_or_a_scan",
            ),
            models.CheckConstraint(
                condition=~Q(method="here") | Q(release__isnull=False),
                name="signature_made_here_was_released",
            ),
            models.CheckConstraint(
                condition=Q(until_date__isnull=True) | Q(until_date__gte=F("from_date")),
                name="capacity_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slot}: {self.name}"


class LevelReached(models.Model):
    """A level of PAdES that a signature reached, and when. Levels are only ever added."""

    class Level(models.TextChoices):
        B = "B-B", "signed"
        T = "B-T", "with a timestamp"
        LT = "B-LT", "with revocation data"
        LTA = "B-LTA", "with a timestamp over all of it"

    signature = models.ForeignKey(Signature, on_delete=models.PROTECT, related_name="levels")
    level = models.CharField(max_length=5, choices=Level)
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    reached_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["signature", "level"], name="level_is_reached_once"),
        ]

    def __str__(self) -> str:
        return self.level


class Refusal(models.Model):
    """A side said no, and why. A slot is either signed or refused."""

    slot = models.OneToOneField(Slot, on_delete=models.PROTECT, related_name="refusal")
    refused_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=1000)
    refused_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="refusal_says_why"),
        ]

    def __str__(self) -> str:
        return self.reason


class Release(models.Model):
    """A passkey's question over one revision: one use, for a few minutes."""

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    challenge = models.BinaryField(unique=True)
    nonce = models.BinaryField()
    asked_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.slot} by {self.person}"


class Taken(models.Model):
    """A revision that somebody took away to sign it elsewhere; it waits for them a while."""

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="taken")
    revision = models.ForeignKey(Revision, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.slot} by {self.person}"
