"""How allauth behaves here."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from twinhood.people.core.paths import is_own_path
from twinhood.people.models import Person
from twinhood.people.queries import are_personas_allowed


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """Whose session is still good; asked at every request, so that leaving takes effect at once."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """Nobody signs in with a password."""
        return

    def user_can_authenticate(self, user: Person) -> bool:
        """Active people; those of the example only where the example is allowed."""
        return user.is_active and (not user.is_example or are_personas_allowed())


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign in by code, passkey or TOTP; links in mail use the configured address."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Anybody may make an account; an account alone may do nothing."""
        return True

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        context = {**context, "site_url": settings.SITE_URL}
        if "signup_url" in context:
            context["signup_url"] = _absolute("account_signup")
        super().send_mail(template_prefix, email, context)

    def send_account_already_exists_mail(self, email: str) -> None:
        """Somebody signs up with an address that has an account: say so there, not on the page."""
        self.send_mail(
            "account/email/account_already_exists", email, {"login_url": _absolute("account_login")}
        )

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """The passkey first: it is one touch, and its person need not look for a code."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        return sorted(methods, key=lambda method: not method["id"].endswith(":webauthn"))

    def is_safe_url(self, url: str | None) -> bool:
        return is_own_path(url)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Passkeys belong to the configured address, whatever host a request names."""

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": urlsplit(settings.SITE_URL).hostname or "localhost", "name": "Twinhood"}


def _absolute(name: str) -> str:
    return settings.SITE_URL + reverse(name)
