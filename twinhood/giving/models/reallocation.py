"""A need that was withdrawn after it was funded, and what becomes of the money given for it."""

from django.db import models
from django.db.models import F, Q

from twinhood.giving.models.gift import Gift, Refund
from twinhood.kit.fields import LocalTextField
from twinhood.ledger.models import Fund
from twinhood.needs.models import Need
from twinhood.people.models import Partnership, Person


class Reallocation(models.Model):
    """Asked for by who withdraws the need, confirmed by another, resolved by the board: one person
    records its resolution, another moves the money.

    From the confirmation on the need takes no gift, and donors choose until `deadline_date`: their
    money stays for the fallback, or comes back. Who is silent, stays.
    """

    class State(models.TextChoices):
        ASKED = "asked", "asked"
        REFUSED = "refused", "refused"
        CHOOSING = "choosing", "choosing"
        RESOLVED = "resolved", "resolved"

    partnership = models.ForeignKey(
        Partnership, on_delete=models.PROTECT, related_name="reallocations"
    )
    need = models.ForeignKey(Need, on_delete=models.PROTECT, related_name="reallocations")
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="reallocations")
    to_fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    # The fallback purpose as it was published before the first gift.
    fallback = LocalTextField()
    reason = models.CharField(max_length=300)
    # Which paper shows it.
    proof = models.CharField(max_length=300)
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    deadline_date = models.DateField(null=True, blank=True)
    # The board's resolution, recorded by one person, and the move of what was left, by another.
    resolution = models.CharField(max_length=300, blank=True)
    resolution_date = models.DateField(null=True, blank=True)
    proposed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    proposed_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    resolved_at = models.DateTimeField(null=True, blank=True)
    moved_minor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["need"], condition=~Q(state="refused"), name="need_is_reallocated_once"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")),
                name="withdrawal_is_confirmed_by_another",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "refused"])
                | Q(decided_by__isnull=False, deadline_date__isnull=False),
                name="choosing_has_a_deadline",
            ),
            models.CheckConstraint(
                condition=~Q(state="resolved")
                | (Q(resolution_date__isnull=False) & ~Q(resolution="")),
                name="resolved_by_a_resolution",
            ),
            models.CheckConstraint(
                condition=~Q(state="resolved")
                | (
                    Q(proposed_by__isnull=False, resolved_by__isnull=False)
                    & ~Q(resolved_by=F("proposed_by"))
                ),
                name="rest_is_moved_by_another_than_who_recorded_it",
            ),
            models.CheckConstraint(
                condition=~Q(fund=F("to_fund")), name="reallocated_to_another_fund"
            ),
        ]

    def __str__(self) -> str:
        return f"reallocation of {self.need}"


class Choice(models.Model):
    """What a donor chose for one gift; none means that it stays. It can change until the end."""

    class Answer(models.TextChoices):
        STAY = "stay", "stay"
        REFUND = "refund", "refund"

    reallocation = models.ForeignKey(Reallocation, on_delete=models.PROTECT, related_name="choices")
    gift = models.ForeignKey(Gift, on_delete=models.PROTECT, related_name="choices")
    answer = models.CharField(max_length=6, choices=Answer)
    chosen_at = models.DateTimeField()
    # Written in the donor's name by a person at the desk, who had a letter or a call.
    recorded_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    refund = models.OneToOneField(
        Refund, on_delete=models.PROTECT, null=True, blank=True, related_name="choice"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["reallocation", "gift"], name="gift_is_chosen_for_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.gift}: {self.answer}"


class ReturnRight(models.Model):
    """A grant whose giver may have it back if the purpose fails: owed all along, not ours yet."""

    gift = models.OneToOneField(Gift, on_delete=models.PROTECT, related_name="return_right")
    # The condition, in the grant letter's words.
    terms = models.CharField(max_length=300)
    recorded_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    recorded_at = models.DateTimeField()
    refund = models.OneToOneField(
        Refund, on_delete=models.PROTECT, null=True, blank=True, related_name="return_right"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(terms=""), name="right_of_return_has_terms"),
        ]

    def __str__(self) -> str:
        return f"right of return of {self.gift}"
