"""Money that comes: customers, cards, payments, refunds, disputes, the balance, payouts."""

from typing import Any

from twinhood.practice.core.cards import Card
from twinhood.practice.shapes import Thing, address, nulls

DISPUTE_EVIDENCE = (
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure "
    "cancellation_rebuttal customer_communication customer_email_address customer_name "
    "customer_purchase_ip customer_signature duplicate_charge_documentation "
    "duplicate_charge_explanation duplicate_charge_id product_description receipt refund_policy "
    "refund_policy_disclosure refund_refusal_explanation service_date service_documentation "
    "shipping_address shipping_carrier shipping_date shipping_documentation "
    "shipping_tracking_number uncategorized_file uncategorized_text"
)

CARD_KEYS = (
    "brand",
    "checks",
    "country",
    "exp_month",
    "exp_year",
    "fingerprint",
    "funding",
    "last4",
    "regulated_status",
    "wallet",
)


def customer(name: str, created: int, /, **given: Any) -> Thing:
    return {
        "id": name,
        "object": "customer",
        "created": created,
        "address": None,
        "balance": 0,
        "invoice_prefix": name[-8:].upper(),
        "invoice_settings": {
            **nulls("custom_fields default_payment_method footer rendering_options")
        },
        "delinquent": False,
        "livemode": False,
        "metadata": {},
        "next_invoice_sequence": 1,
        "preferred_locales": [],
        "tax_exempt": "none",
        **nulls("currency default_source description discount email name phone shipping"),
        "test_clock": None,
        **given,
    }


def billing_details(email: str | None, name: str | None, country: str | None = None) -> Thing:
    return {
        "address": address(country=country),
        "email": email,
        "name": name,
        "phone": None,
        "tax_id": None,
    }


def payment_method(name: str, created: int, card: Card, details: Thing) -> Thing:
    return {
        "id": name,
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": details,
        "card": {
            "brand": card.brand,
            "checks": _checks(),
            "country": card.country,
            "display_brand": card.brand,
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": f"practice{card.last4}",
            "funding": card.funding,
            "generated_from": None,
            "last4": card.last4,
            "networks": {"available": [card.brand], "preferred": None},
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
            "regulated_status": "unregulated",
        },
        "created": created,
        "customer": None,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
        "type": "card",
    }


def _checks() -> Thing:
    return {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"}


def payment_intent(name: str, created: int, amount: int, currency: str, /, **given: Any) -> Thing:
    return {
        "id": name,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "automatic_payment_methods": None,
        "capture_method": "automatic",
        "client_secret": f"{name}_secret_practice",
        "confirmation_method": "automatic",
        "created": created,
        "currency": currency,
        "livemode": False,
        "metadata": {},
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
        **nulls(
            "application application_fee_amount canceled_at cancellation_reason customer "
            "customer_account description excluded_payment_method_types last_payment_error "
            "latest_charge managed_payments next_action on_behalf_of payment_method "
            "payment_method_configuration_details processing receipt_email review "
            "setup_future_usage shipping source statement_descriptor "
            "statement_descriptor_suffix transfer_data transfer_group"
        ),
        **given,
    }


def charge(name: str, created: int, intent: Thing, method: Thing, /, **given: Any) -> Thing:
    """A charge that succeeded; `given` says otherwise for one that failed."""
    return {
        "id": name,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"],
        "amount_refunded": 0,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "TWINHOOD PRACTICE",
        "captured": True,
        "created": created,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "outcome": outcome(None),
        "paid": True,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {"card": _card_details(method, intent), "type": "card"},
        "receipt_email": intent["receipt_email"],
        "refunded": False,
        "status": "succeeded",
        **nulls(
            "application application_fee application_fee_amount balance_transaction "
            "failure_balance_transaction failure_code failure_message on_behalf_of "
            "receipt_number receipt_url review shipping source source_transfer "
            "statement_descriptor statement_descriptor_suffix transfer_data transfer_group"
        ),
        **given,
    }


def outcome(declined_for: str | None) -> Thing:
    is_fine = declined_for is None
    return {
        "advice_code": None,
        "network_advice_code": None,
        "network_decline_code": None if is_fine else "05",
        "network_status": "approved_by_network" if is_fine else "declined_by_network",
        "reason": declined_for,
        "seller_message": "Payment complete." if is_fine else "The bank declined the payment.",
        "type": "authorized" if is_fine else "issuer_declined",
    }


def _card_details(method: Thing, intent: Thing) -> Thing:
    card = method["card"]
    return {
        **{key: card[key] for key in CARD_KEYS},
        "amount_authorized": intent["amount"],
        "extended_authorization": {"status": "disabled"},
        "incremental_authorization": {"status": "unavailable"},
        "multicapture": {"status": "unavailable"},
        "network": card["brand"],
        "network_token": {"used": False},
        "overcapture": {
            "maximum_amount_capturable": intent["amount"],
            "status": "unavailable",
        },
        **nulls(
            "authorization_code installments mandate network_transaction_id three_d_secure "
            "transaction_link_id"
        ),
    }


def refund(name: str, created: int, of: Thing, amount: int, /, **given: Any) -> Thing:
    return {
        "id": name,
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": of["id"],
        "created": created,
        "currency": of["currency"],
        "customer": of["customer"],
        "customer_account": None,
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": {},
        "payment_intent": of["payment_intent"],
        "payment_method": of["payment_method"],
        "status": "succeeded",
        **nulls("reason receipt_number source_transfer_reversal transfer_reversal"),
        **given,
    }


def dispute(name: str, created: int, of: Thing, amount: int, status: str, reason: str) -> Thing:
    is_inquiry = status.startswith("warning")
    return {
        "id": name,
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": of["id"],
        "created": created,
        "currency": of["currency"],
        "enhanced_eligibility_types": [],
        "evidence": {**nulls(DISPUTE_EVIDENCE), "enhanced_evidence": {}},
        "evidence_details": {
            "due_by": created + 20 * 86_400,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        "is_charge_refundable": is_inquiry,
        "livemode": False,
        "metadata": {},
        "payment_intent": of["payment_intent"],
        "payment_method_details": {
            "card": {
                "brand": of["payment_method_details"]["card"]["brand"],
                "case_type": "inquiry" if is_inquiry else "chargeback",
                "network": of["payment_method_details"]["card"]["network"],
                "network_reason_code": "10.4",
            },
            "type": "card",
        },
        "reason": reason,
        "status": status,
    }


def balance_transaction(name: str, created: int, /, **given: Any) -> Thing:
    """A movement of the balance. `amount`, `fee`, `currency`, `type` and the rest are given."""
    fee = given["fee"]
    return {
        "id": name,
        "object": "balance_transaction",
        "balance_type": "payments",
        "created": created,
        "description": None,
        "exchange_rate": None,
        "fee_details": [_fee(fee, given["currency"])] if fee else [],
        "net": given["amount"] - fee,
        "status": "pending" if given["available_on"] > created else "available",
        **given,
    }


def _fee(amount: int, currency: str) -> Thing:
    return {
        "amount": amount,
        "application": None,
        "currency": currency,
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }


def payout(name: str, created: int, amount: int, currency: str, /, **given: Any) -> Thing:
    return {
        "id": name,
        "object": "payout",
        "amount": amount,
        "arrival_date": created + 86_400,
        "automatic": True,
        "created": created,
        "currency": currency,
        "description": "STRIPE PAYOUT",
        "destination": "ba_practice",
        "livemode": False,
        "metadata": {},
        "method": "standard",
        "reconciliation_status": "completed",
        "source_type": "card",
        "status": "in_transit",
        "trace_id": {"status": "pending", "value": None},
        "type": "bank_account",
        **nulls(
            "application_fee application_fee_amount balance_transaction "
            "failure_balance_transaction failure_code failure_message original_payout "
            "payout_method reversed_by statement_descriptor"
        ),
        **given,
    }
