"""allauth's forms in our words; apart from `forms`, which allauth imports while it makes these."""

from typing import Any

from allauth.account.forms import (
    ConfirmEmailVerificationCodeForm,
    ConfirmLoginCodeForm,
    LoginForm,
    SignupForm,
)
from django.utils.translation import gettext_lazy as _

EMAIL_LENGTH_MAX = 254


class EnterForm(LoginForm):  # type: ignore[misc]
    """Who asks for a code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, "login", _("Email address"))
        self.fields["login"].max_length = EMAIL_LENGTH_MAX


class NewAccountForm(SignupForm):  # type: ignore[misc]
    """Name and address of somebody new."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, "email", _("Email address"))


class LoginCodeForm(ConfirmLoginCodeForm):  # type: ignore[misc]
    """The code that came by mail."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, "code", _("Code from the mail"))


class EmailCodeForm(ConfirmEmailVerificationCodeForm):  # type: ignore[misc]
    """The code that shows whose an address is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _plain(self, "code", _("Code from the mail"))


def _plain(form: Any, name: str, label: Any) -> None:
    """Name a field by its label alone: a text inside it would vanish while somebody types."""
    form.fields[name].label = label
    form.fields[name].widget.attrs.pop("placeholder", None)
