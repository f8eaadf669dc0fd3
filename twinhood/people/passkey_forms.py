"""Forms that carry a passkey; apart from the others, which allauth imports very early."""

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django.utils.translation import gettext_lazy as _

# What parsing a browser's answer raises when it is junk; allauth expects only some of these.
JUNK = (KeyError, TypeError, ValueError, AttributeError)


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """A passkey: always one that can open a session by itself, so nothing is asked but a name."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["passwordless"]
        self.fields["name"].label = _("A name for this passkey, such as “Telephone”")
        self.fields["name"].max_length = 60

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except JUNK as junk:
            raise get_adapter().validation_error("incorrect_code") from junk
        return cleaned


class _Strict:
    """Refuse junk with a form error rather than a fault."""

    def clean_credential(self) -> Any:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except JUNK as junk:
            raise get_adapter().validation_error("incorrect_code") from junk


class LoginPasskeyForm(_Strict, LoginWebAuthnForm):  # type: ignore[misc]
    """Sign in with a passkey alone."""


class SecondPasskeyForm(_Strict, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey after the code by mail."""


class AgainPasskeyForm(_Strict, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """A passkey within an open session."""
