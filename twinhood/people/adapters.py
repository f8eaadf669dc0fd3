"""How allauth behaves here."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign in by code, passkey or TOTP; links in mail use the configured address."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Anybody may make an account; an account alone may do nothing."""
        return True

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        context = {**context, "site_url": settings.SITE_URL}
        super().send_mail(template_prefix, email, context)

    def is_safe_url(self, url: str | None) -> bool:
        """Only a path of this very site: one slash, no scheme, no backslash, no control character."""
        return bool(
            url
            and url.startswith("/")
            and not url.startswith(("//", "/\\"))
            and "\\" not in url
            and url.isprintable()
        )
