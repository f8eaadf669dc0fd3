"""The checkout session, what it may set up, and the objects around webhooks."""

from typing import Any

from twinhood.practice.shapes import Thing, nulls


def session(name: str, created: int, /, **given: Any) -> Thing:
    return {
        "id": name,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": False},
        "automatic_tax": {**nulls("liability provider status"), "enabled": False},
        "created": created,
        "custom_fields": [],
        "custom_text": nulls("after_submit shipping_address submit terms_of_service_acceptance"),
        "expires_at": created + 86_400,
        "livemode": False,
        "metadata": {},
        "mode": "payment",
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "payment_status": "unpaid",
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "status": "open",
        "ui_mode": "hosted_page",
        **nulls(
            "after_expiration allow_promotion_codes amount_subtotal amount_total "
            "billing_address_collection cancel_url client_reference_id client_secret "
            "collected_information consent consent_collection currency currency_conversion "
            "customer customer_account customer_creation customer_details customer_email "
            "discounts integration_identifier invoice invoice_creation locale "
            "managed_payments origin_context payment_intent payment_link "
            "payment_method_collection payment_method_configuration_details permissions "
            "recovered_from saved_payment_method_options setup_intent "
            "shipping_address_collection shipping_cost submit_type subscription success_url "
            "total_details url wallet_options"
        ),
        **given,
    }


def setup_intent(name: str, created: int, /, **given: Any) -> Thing:
    return {
        "id": name,
        "object": "setup_intent",
        "client_secret": f"{name}_secret_practice",
        "created": created,
        "livemode": False,
        "metadata": {},
        "payment_method_options": {},
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
        "usage": "off_session",
        **nulls(
            "application automatic_payment_methods cancellation_reason customer description "
            "excluded_payment_method_types flow_directions last_setup_error latest_attempt "
            "mandate next_action on_behalf_of payment_method "
            "payment_method_configuration_details single_use_mandate"
        ),
        **given,
    }


def event(name: str, created: int, kind: str, data: Thing, request: Thing) -> Thing:
    return {
        "id": name,
        "object": "event",
        "api_version": None,
        "created": created,
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": request,
        "type": kind,
    }


def webhook_endpoint(name: str, created: int, url: str, kinds: list[str]) -> Thing:
    return {
        "id": name,
        "object": "webhook_endpoint",
        "api_version": None,
        "application": None,
        "created": created,
        "description": None,
        "enabled_events": kinds,
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
    }
