"""Forms of people."""

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from twinhood.people.core.names import tidy_name
from twinhood.people.models import Person


class SignupForm(forms.Form):
    """What we ask beside the e-mail address: a name."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    field_order = ("name", "email")

    def clean_name(self) -> str:
        name = tidy_name(self.cleaned_data["name"])
        if not any(letter.isalpha() for letter in name):
            raise ValidationError(_("Write your name with letters."))
        return name

    def signup(self, request: HttpRequest, user: Person) -> None:
        """Called by allauth once the person exists."""
        user.name = self.cleaned_data["name"]
        user.language = get_language() or "en"
        user.save(update_fields=["name", "language"])
