"""Form markup: `{{ form }}` and `{{ field.as_field_group }}` come out in our hand."""

from pathlib import Path

from django import forms
from django.forms.renderers import DjangoTemplates
from django.template.backends.django import DjangoTemplates as Engine
from django.utils.functional import cached_property


class KitRenderer(DjangoTemplates):
    """Hint, errors and input in the order that screen readers need, a summary on top."""

    form_template_name = "kit/forms/form.html"
    field_template_name = "kit/forms/field.html"

    @cached_property
    def engine(self) -> Engine:
        """Ours first, so that `django/forms/errors/list/default.html` is ours too."""
        ours = Path(__file__).parent / "templates"
        django_own = Path(forms.__file__).parent / "templates"
        return self.backend(
            {
                "APP_DIRS": True,
                "DIRS": [ours, django_own],
                "NAME": "twinhood-forms",
                "OPTIONS": {},
            }
        )
