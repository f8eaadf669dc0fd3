"""Errors in Stripe's shape: what the official SDK turns into its exceptions."""

from typing import Any


class StripeError(Exception):
    """An answer that is an error. `is_kept` says whether an idempotency key remembers it."""

    def __init__(
        self,
        status: int,
        kind: str,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        is_kept: bool = True,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.is_kept = is_kept
        self.body: dict[str, Any] = {"message": message, "type": kind}
        if code is not None:
            self.body |= {"code": code, "doc_url": f"https://docs.stripe.com/error-codes/{code}"}
        if param is not None:
            self.body["param"] = param
        self.body |= more


def invalid(message: str, *, code: str | None = None, param: str | None = None) -> StripeError:
    """The request cannot be done as things stand."""
    return StripeError(400, "invalid_request_error", message, code=code, param=param)


def malformed(message: str, *, code: str | None = None, param: str | None = None) -> StripeError:
    """The parameters are wrong, whatever the state: nothing began, so no key remembers it."""
    return StripeError(400, "invalid_request_error", message, code=code, param=param, is_kept=False)


def missing(kind: str, name: str, param: str = "id") -> StripeError:
    return StripeError(
        404,
        "invalid_request_error",
        f"No such {kind}: '{name}'",
        code="resource_missing",
        param=param,
        is_kept=False,
    )


def not_emulated(what: str) -> StripeError:
    return malformed(f"Practice mode does not emulate this: {what}.", code="not_emulated")
