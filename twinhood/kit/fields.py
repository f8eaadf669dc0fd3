"""Text in several languages, kept in one column."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class LocalText(dict[str, str]):
    """Texts by language code, e.g. {"en": "Ambulances", "uk": "Автомобілі швидкої допомоги"}.

    The first language written is the source; a reader whose language is missing gets the source.
    """

    def in_language(self, language: str) -> tuple[str, str]:
        """Return the text and the language it is really in."""
        if self.get(language):
            return self[language], language
        for code, text in self.items():
            if text:
                return text, code
        return "", language

    def __str__(self) -> str:
        return self.in_language(get_language() or settings.LANGUAGE_CODE)[0]


class LocalTextAttribute(DeferredAttribute):
    """Makes a plain mapping that is assigned to an instance a LocalText at once."""

    def __set__(self, instance: models.Model, value: Any) -> None:
        is_plain = isinstance(value, Mapping) and not isinstance(value, LocalText)
        instance.__dict__[self.field.attname] = LocalText(value) if is_plain else value


class LocalTextField(models.JSONField):
    """A jsonb column of LocalText; at least one language must be written unless `blank`."""

    descriptor_class = LocalTextAttribute

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> LocalText | None:
        parsed = super().from_db_value(value, expression, connection)
        return None if parsed is None else LocalText(parsed)

    def to_python(self, value: Any) -> Any:
        return LocalText(value) if isinstance(value, Mapping) else super().to_python(value)

    def validate(self, value: Any, model_instance: models.Model | None) -> None:
        super().validate(value, model_instance)
        if not isinstance(value, Mapping) or not all(
            isinstance(code, str) and isinstance(text, str) for code, text in value.items()
        ):
            raise ValidationError(_("Write the text in at least one language."))
