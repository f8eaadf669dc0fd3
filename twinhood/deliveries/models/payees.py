"""Accounts that suppliers are paid to, and who approved them."""

from django.db import models
from django.db.models import F, Q

from twinhood.deliveries.core.payee import WAIT
from twinhood.people.models import Organisation, Partnership, Person


class PayeeAccount(models.Model):
    """An account of a supplier: proposed, called back about, approved by two, then waiting.

    What was proposed never changes; other details are another row.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", "proposed"
        APPROVED = "approved", "approved"
        STOPPED = "stopped", "stopped"

    partnership = models.ForeignKey(Partnership, on_delete=models.PROTECT, related_name="payees")
    number = models.PositiveIntegerField()
    supplier = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="payees")
    # An IBAN without spaces, or routing number / account (core.payee).
    account = models.CharField(max_length=40)
    holder = models.CharField(max_length=140)
    # By which paper or message the details came.
    came_by = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=State, default=State.PROPOSED)
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    proposed_for = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    # The call to a number that was known from elsewhere, by somebody else than the proposer.
    called_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    called_at = models.DateTimeField(null=True, blank=True)
    called_number = models.CharField(max_length=40, blank=True)
    call_note = models.CharField(max_length=500, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    usable_from_at = models.DateTimeField(null=True, blank=True)
    stopped_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    stopped_at = models.DateTimeField(null=True, blank=True)
    stop_reason = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["partnership", "number"], name="payee_number_is_unique"
            ),
            models.CheckConstraint(
                condition=Q(called_by=None)
                | (~Q(called_by=F("proposed_by")) & ~Q(called_number="") & ~Q(call_note="")),
                name="somebody_else_calls_the_supplier",
            ),
            models.CheckConstraint(
                condition=~Q(state="approved")
                | Q(
                    called_by__isnull=False,
                    approved_at__isnull=False,
                    usable_from_at__gte=F("approved_at") + WAIT,
                ),
                name="payee_waits_three_days",
            ),
            models.CheckConstraint(
                condition=~Q(state="stopped")
                | (Q(stopped_by__isnull=False, stopped_at__isnull=False) & ~Q(stop_reason="")),
                name="stopped_payee_says_who_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"P-{self.number}"

    @property
    def content(self) -> str:
        """What an order's approval binds of it."""
        return f"{self.holder}, {self.account}"


class PayeeApproval(models.Model):
    """One person's word that this account is the supplier's."""

    payee = models.ForeignKey(PayeeAccount, on_delete=models.PROTECT, related_name="approvals")
    # Repeated from the account, so that a check constraint can compare them.
    proposed_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["payee", "approved_by"], name="payee_approver_approves_once"
            ),
            models.UniqueConstraint(
                fields=["payee", "organisation"], name="payee_approvers_are_of_two_organisations"
            ),
            models.CheckConstraint(
                condition=~Q(approved_by=F("proposed_by")),
                name="nobody_approves_a_payee_of_their_own",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.payee} by {self.approved_by}"
