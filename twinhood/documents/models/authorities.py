"""This installation's certificates, and whom the operator trusts."""

from django.db import models
from django.db.models import Q

from twinhood.documents.models.papers import SHA256_LENGTH


class Authority(models.Model):
    """This installation's own root, which names offices and nothing else."""

    certificate = models.BinaryField()
    # PKCS #8, sealed by the key in KEYS_DIR/documents.key.
    sealed_key = models.BinaryField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"root of {self.made_at:%Y}"


class OfficeCertificate(models.Model):
    """The certificate of one office for one term. `term` is a plain reference: "term:17"."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="certificates")
    term = models.CharField(max_length=80)
    office = models.CharField(max_length=200)
    certificate = models.BinaryField()
    sha256 = models.CharField(max_length=SHA256_LENGTH, unique=True)
    serial = models.CharField(max_length=40, unique=True)
    sealed_key = models.BinaryField()
    issued_at = models.DateTimeField()
    not_after = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoke_reason = models.CharField(max_length=200, blank=True)
    # The one of the same term that ran out.
    renews = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["term"],
                condition=Q(revoked_at__isnull=True, renews__isnull=True),
                name="a_term_has_one_good_certificate",
            ),
            models.UniqueConstraint(
                fields=["renews"],
                condition=Q(revoked_at__isnull=True),
                name="a_certificate_is_renewed_once",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | ~Q(revoke_reason=""),
                name="revocation_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.office


class RevocationList(models.Model):
    """A list of revoked certificates as it was published; the newest is served."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="lists")
    number = models.PositiveIntegerField()
    data = models.BinaryField()
    issued_at = models.DateTimeField()
    next_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "number"], name="revocation_list_number_is_unique"
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)


class TrustedIssuer(models.Model):
    """A root that the operator trusts, with the source that says so, and for how long."""

    class Purpose(models.TextChoices):
        SIGNATURES = "signatures", "signatures"
        TIMESTAMPS = "timestamps", "timestamps"

    name = models.CharField(max_length=200)
    purpose = models.CharField(max_length=10, choices=Purpose)
    certificate = models.BinaryField()
    sha256 = models.CharField(max_length=SHA256_LENGTH)
    source = models.CharField(max_length=500)
    from_date = models.DateField()
    until_date = models.DateField()
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sha256", "purpose"],
                condition=Q(ended_at__isnull=True),
                name="issuer_is_trusted_once",
            ),
            models.CheckConstraint(condition=~Q(source=""), name="trust_has_a_source"),
        ]

    def __str__(self) -> str:
        return self.name
