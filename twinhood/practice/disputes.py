"""A donor's bank asks for the money back: opened from outside, answered, closed."""

from twinhood.practice.core import fees
from twinhood.practice.errors import invalid
from twinhood.practice.events import change, emit
from twinhood.practice.money import move
from twinhood.practice.shapes import Thing
from twinhood.practice.shapes import payments as shapes
from twinhood.practice.store import Store

OPEN = {"needs_response", "under_review", "warning_needs_response", "warning_under_review"}
# What Stripe's test mode takes for an answer that decides.
DECIDING_EVIDENCE = {"winning_evidence": "won", "losing_evidence": "lost"}


def open_dispute(
    store: Store, charge: Thing, amount: int | None, status: str, reason: str
) -> Thing:
    """Open a dispute; its money and a fee leave the balance, except for a mere inquiry."""
    if not charge["paid"]:
        raise invalid("A charge that failed cannot be disputed.")
    if charge["disputed"]:
        raise invalid("This charge is disputed already.")
    amount = charge["amount"] if amount is None else amount
    if not 1 <= amount <= charge["amount"]:
        raise invalid("A dispute is over 1 cent or more, and not more than the charge.")
    name = store.new_id("dp")
    dispute = shapes.dispute(name, store.now(), charge, amount, status, reason)
    charge["disputed"] = True
    store.put("charge", charge)
    store.put("dispute", dispute)
    is_inquiry = status.startswith("warning")
    if not is_inquiry:
        _move(store, dispute, -1, fees.DISPUTE_FEE_MINOR)
    emit(store, "charge.dispute.created", dispute)
    if not is_inquiry:
        emit(store, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def _move(store: Store, dispute: Thing, sign: int, fee: int) -> None:
    amount, currency = dispute["amount"], dispute["currency"]
    if currency in fees.OTHERS:
        amount, currency = fees.in_dollars(amount, currency), "usd"
    moved = move(
        store,
        "adjustment",
        dispute["id"],
        sign * amount,
        currency,
        fee=fee,
        category="dispute" if sign < 0 else "dispute_reversal",
        description=f"Chargeback {'withdrawal' if sign < 0 else 'reversal'} "
        f"for {dispute['charge']}",
    )
    dispute["balance_transactions"].append(moved)
    store.put("dispute", dispute)


def answer(store: Store, dispute: Thing, evidence: dict[str, str], *, is_sent: bool) -> Thing:
    """Take evidence; Stripe's deciding words end the dispute at once."""
    _must_be_open(dispute)
    details = dispute["evidence_details"] | {"has_evidence": True}
    if is_sent:
        details["submission_count"] += 1
    status = dispute["status"].replace("needs_response", "under_review")
    change(
        store,
        "dispute",
        dispute,
        "charge.dispute.updated",
        evidence={**dispute["evidence"], **evidence},
        evidence_details=details,
        status=status if is_sent else dispute["status"],
    )
    outcome = DECIDING_EVIDENCE.get(evidence.get("uncategorized_text", ""))
    return close(store, dispute, outcome) if is_sent and outcome else dispute


def close(store: Store, dispute: Thing, outcome: str) -> Thing:
    """End a dispute: won, lost, or an inquiry closed without one. The fee stays paid."""
    _must_be_open(dispute)
    is_inquiry = dispute["status"].startswith("warning")
    if is_inquiry != (outcome == "warning_closed"):
        raise invalid(f"A dispute that is {dispute['status']} cannot become {outcome}.")
    dispute |= {"status": outcome, "is_charge_refundable": outcome == "warning_closed"}
    store.put("dispute", dispute)
    if outcome == "won":
        _move(store, dispute, +1, 0)
        emit(store, "charge.dispute.funds_reinstated", dispute)
    emit(store, "charge.dispute.closed", dispute)
    return dispute


def escalate(store: Store, dispute: Thing) -> Thing:
    """An inquiry becomes a dispute: now the money leaves."""
    _must_be_open(dispute)
    if not dispute["status"].startswith("warning"):
        raise invalid("Only an inquiry becomes a dispute.")
    _move(store, dispute, -1, fees.DISPUTE_FEE_MINOR)
    dispute |= {"is_charge_refundable": False}
    change(store, "dispute", dispute, "charge.dispute.updated", status="needs_response")
    emit(store, "charge.dispute.funds_withdrawn", dispute)
    return dispute


def _must_be_open(dispute: Thing) -> None:
    if dispute["status"] not in OPEN:
        raise invalid("This dispute is already closed")
