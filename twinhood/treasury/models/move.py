"""What people said beside an entry of the books."""

from django.db import models

from twinhood.people.models import Partnership, Person


class Move(models.Model):
    """Why money was moved between two funds of one currency; the entry itself is the ledger's."""

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="moves")
    # The entry's key, e.g. `move:…`.
    key = models.CharField(max_length=200)
    reason = models.CharField(max_length=300)
    moved_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["partnership", "key"], name="move_is_explained_once"),
            models.CheckConstraint(condition=~models.Q(reason=""), name="move_has_a_reason"),
        ]

    def __str__(self) -> str:
        return self.key
