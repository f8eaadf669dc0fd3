"""Gifts that come again: products, prices, subscriptions, invoices."""

from typing import Any

from twinhood.practice.shapes import Thing, nulls, page

INVOICE_EMPTY = (
    "account_tax_ids application automatically_finalizes_at custom_fields customer_account "
    "customer_address customer_email customer_name customer_phone customer_shipping "
    "default_payment_method default_source description due_date effective_at footer from_invoice "
    "hosted_invoice_url invoice_pdf last_finalization_error latest_revision next_payment_attempt "
    "number on_behalf_of receipt_number rendering shipping_cost shipping_details "
    "statement_descriptor subscription test_clock"
)
PLAN_KEYS = ("active", "billing_scheme", "created", "currency", "id")


def product(name: str, created: int, title: str, /, **given: Any) -> Thing:
    return {
        "id": name,
        "object": "product",
        "active": True,
        "created": created,
        "images": [],
        "livemode": False,
        "marketing_features": [],
        "metadata": {},
        "name": title,
        "type": "service",
        "updated": created,
        **nulls(
            "default_price description package_dimensions shippable statement_descriptor "
            "tax_code unit_label url"
        ),
        **given,
    }


def price(name: str, created: int, amount: int, currency: str, /, **given: Any) -> Thing:
    return {
        "id": name,
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": created,
        "currency": currency,
        "livemode": False,
        "metadata": {},
        "recurring": None,
        "tax_behavior": "unspecified",
        "type": "recurring" if given.get("recurring") else "one_time",
        "unit_amount": amount,
        "unit_amount_decimal": str(amount),
        **nulls("custom_unit_amount lookup_key nickname product tiers_mode transform_quantity"),
        **given,
    }


def recurring(interval: str, count: int) -> Thing:
    return {
        "interval": interval,
        "interval_count": count,
        "meter": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }


def subscription_item(name: str, created: int, of: str, its_price: Thing, quantity: int) -> Thing:
    return {
        "id": name,
        "object": "subscription_item",
        "billing_thresholds": None,
        "created": created,
        "current_period_end": 0,
        "current_period_start": 0,
        "discounts": [],
        "metadata": {},
        "plan": _plan(its_price),
        "price": its_price,
        "quantity": quantity,
        "subscription": of,
        "tax_rates": [],
    }


def _plan(its_price: Thing) -> Thing:
    """The price as it was called before 2020; Stripe still repeats it."""
    rhythm = its_price["recurring"]
    return {
        **{key: its_price[key] for key in PLAN_KEYS},
        "amount": its_price["unit_amount"],
        "amount_decimal": its_price["unit_amount_decimal"],
        "interval": rhythm["interval"],
        "interval_count": rhythm["interval_count"],
        "livemode": False,
        "metadata": {},
        "object": "plan",
        "product": its_price["product"],
        "usage_type": "licensed",
        **nulls("meter nickname tiers_mode transform_usage trial_period_days"),
    }


def subscription(name: str, created: int, customer: str, currency: str, /, **given: Any) -> Thing:
    return {
        "id": name,
        "object": "subscription",
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": created,
        "billing_mode": {"type": "flexible", "flexible": {"proration_discounts": "included"}},
        "billing_schedules": [],
        "cancel_at_period_end": False,
        "cancellation_details": nulls("comment feedback reason"),
        "collection_method": "charge_automatically",
        "created": created,
        "currency": currency,
        "customer": customer,
        "default_tax_rates": [],
        "discounts": [],
        "invoice_settings": {
            **nulls("account_tax_ids custom_fields description footer"),
            "issuer": {"type": "self"},
        },
        "items": page(f"/v1/subscription_items?subscription={name}", []),
        "livemode": False,
        "metadata": {},
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "start_date": created,
        "status": "incomplete",
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
        **nulls(
            "application application_fee_percent billing_cycle_anchor_config "
            "billing_thresholds cancel_at canceled_at customer_account days_until_due "
            "default_payment_method default_source description ended_at latest_invoice "
            "managed_payments next_pending_invoice_item_invoice on_behalf_of pause_collection "
            "pending_invoice_item_interval pending_setup_intent pending_update schedule "
            "test_clock transfer_data trial_end trial_start"
        ),
        **given,
    }


def invoice(name: str, created: int, sub: Thing, amount: int, /, **given: Any) -> Thing:
    return {
        "id": name,
        "object": "invoice",
        "account_country": "US",
        "account_name": "Twinhood practice",
        "amount_due": amount,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": amount,
        "amount_shipping": 0,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {
            **nulls("disabled_reason liability provider status"),
            "enabled": False,
        },
        "billing_reason": "subscription_cycle",
        "collection_method": "charge_automatically",
        "created": created,
        "currency": sub["currency"],
        "customer": sub["customer"],
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "default_tax_rates": [],
        "discounts": [],
        "ending_balance": 0,
        "issuer": {"type": "self"},
        "lines": page(f"/v1/invoices/{name}/lines", []),
        "livemode": False,
        "metadata": {},
        "parent": _parent(sub),
        "payment_settings": nulls("default_mandate payment_method_options payment_method_types"),
        "period_end": created,
        "period_start": created,
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "starting_balance": 0,
        "status": "draft",
        "status_transitions": nulls("finalized_at marked_uncollectible_at paid_at voided_at"),
        "subtotal": amount,
        "subtotal_excluding_tax": amount,
        "total": amount,
        "total_discount_amounts": [],
        "total_excluding_tax": amount,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
        "webhooks_delivered_at": created,
        **nulls(INVOICE_EMPTY),
        **given,
    }


def _parent(sub: Thing) -> Thing:
    details = {"metadata": dict(sub["metadata"]), "subscription": sub["id"]}
    return {
        "quote_details": None,
        "subscription_details": details,
        "type": "subscription_details",
    }


def invoice_line(name: str, of: Thing, item: Thing, period: Thing) -> Thing:
    amount = item["price"]["unit_amount"] * item["quantity"]
    return {
        "id": name,
        "object": "line_item",
        "amount": amount,
        "currency": of["currency"],
        "description": None,
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": of["id"],
        "livemode": False,
        "metadata": dict(of["parent"]["subscription_details"]["metadata"]),
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": {
                "invoice_item": None,
                "proration": False,
                "proration_details": {"credited_items": None},
                "subscription": item["subscription"],
                "subscription_item": item["id"],
            },
            "type": "subscription_item_details",
        },
        "period": period,
        "pretax_credit_amounts": [],
        "pricing": {
            "type": "price_details",
            "price_details": {"price": item["price"]["id"], "product": item["price"]["product"]},
            "unit_amount_decimal": item["price"]["unit_amount_decimal"],
        },
        "quantity": item["quantity"],
        "quantity_decimal": str(item["quantity"]),
        "subscription": item["subscription"],
        "subtotal": amount,
        "taxes": [],
    }


def invoice_payment(name: str, created: int, of: Thing, intent: str) -> Thing:
    return {
        "id": name,
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": of["amount_due"],
        "created": created,
        "currency": of["currency"],
        "invoice": of["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"type": "payment_intent", "payment_intent": intent},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }
