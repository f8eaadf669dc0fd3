"""The nouns of the log. Leaves and their positions are only ever added.

The migration `0002_only_ever_added` has the function that appends and the triggers that refuse
change, also to the owner of the tables.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length

from twinhood.translog.core.merkle import HASH_BYTES

LEAF_BYTES_MAX = 65_535
PARTNERSHIP_LENGTH_MAX = 200

models.BinaryField.register_lookup(Length)


class Leaf(models.Model):
    """What was appended, to the byte: canonical JSON. Its id gives the order of appending."""

    # The partnership's word as it stands in the leaf; empty for what concerns the log itself.
    partnership = models.CharField(max_length=PARTNERSHIP_LENGTH_MAX)
    data = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(data__length__gt=0, data__length__lte=LEAF_BYTES_MAX),
                name="leaf_fits_into_a_bundle",
            )
        ]

    def __str__(self) -> str:
        return f"leaf {self.pk}"


class Waiting(models.Model):
    """A leaf that is not sealed yet: written with the leaf, removed with the sealing."""

    leaf = models.OneToOneField(
        Leaf, on_delete=models.PROTECT, primary_key=True, db_constraint=False, related_name="+"
    )


class Position(models.Model):
    """A sealed leaf's index in the tree, from 0 without gaps."""

    index = models.BigIntegerField(primary_key=True)
    leaf = models.OneToOneField(
        Leaf, on_delete=models.PROTECT, db_constraint=False, related_name="position"
    )
    partnership = models.CharField(max_length=PARTNERSHIP_LENGTH_MAX)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(index__gte=0), name="position_counts_from_zero")
        ]
        indexes = [models.Index(fields=["partnership", "index"], name="position_by_partnership")]

    def __str__(self) -> str:
        return f"leaf {self.leaf_id} at {self.index}"


class Head(models.Model):
    """The one row that says how far the log is sealed: the lock, and the compare-and-swap."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    size = models.BigIntegerField(default=0)
    root = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="there_is_one_log"),
            models.CheckConstraint(
                condition=Q(root__length=HASH_BYTES), name="head_has_a_root_of_32_bytes"
            ),
        ]

    def __str__(self) -> str:
        return f"log of {self.size}"


class Checkpoint(models.Model):
    """A sealed size: its root, and the note that the log's key signed."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.TextField()
    sealed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(root__length=HASH_BYTES), name="checkpoint_has_a_root_of_32_bytes"
            )
        ]

    def __str__(self) -> str:
        return f"checkpoint of {self.size}"


class SigningKey(models.Model):
    """A key of the log: its public line. The secret lies in `KEYS_DIR/log`, never here."""

    vkey = models.CharField(max_length=300, unique=True)
    begun_at = models.DateTimeField()
    # The leaf by which the key before it handed over; the first key has none.
    handed_over_by = models.OneToOneField(
        Leaf, on_delete=models.PROTECT, null=True, related_name="hands_over_to"
    )

    def __str__(self) -> str:
        return self.vkey


class Opening(models.Model):
    """What a commitment in the log stands for: the facts and their salt, until they are erased."""

    partnership = models.CharField(max_length=PARTNERSHIP_LENGTH_MAX)
    commitment = models.BinaryField(unique=True)
    leaf = models.OneToOneField(Leaf, on_delete=models.PROTECT, related_name="opening")
    # Canonical JSON, as it was hashed.
    facts = models.BinaryField(null=True)
    salt = models.BinaryField(null=True)
    pulled_back_by = models.OneToOneField(
        Leaf, on_delete=models.PROTECT, null=True, related_name="pulls_back"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(facts__isnull=True, salt__isnull=True)
                | Q(facts__isnull=False, salt__isnull=False),
                name="opening_is_erased_whole",
            ),
            models.CheckConstraint(
                condition=Q(commitment__length=HASH_BYTES), name="commitment_has_32_bytes"
            ),
        ]
        indexes = [models.Index(fields=["partnership", "leaf"], name="opening_by_partnership")]

    def __str__(self) -> str:
        return f"opening of leaf {self.leaf_id}"


class Witness(models.Model):
    """Somebody who cosigns what the log has sealed, after a proof that it only grew."""

    name = models.CharField(max_length=200, unique=True)
    vkey = models.CharField(max_length=300, unique=True)
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("added_at")),
                name="witness_ends_after_it_began",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Cosignature(models.Model):
    """One witness's line under one checkpoint. It was verified before it was stored."""

    checkpoint = models.ForeignKey(
        Checkpoint, on_delete=models.PROTECT, related_name="cosignatures"
    )
    witness = models.ForeignKey(Witness, on_delete=models.PROTECT, related_name="cosignatures")
    line = models.TextField()
    # As the witness's own clock says, and as ours.
    signed_at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["checkpoint", "witness"], name="witness_cosigns_a_checkpoint_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.witness} on {self.checkpoint_id}"
