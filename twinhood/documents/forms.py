"""The check page's form: a paper, or its code."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from twinhood.documents.core import code
from twinhood.documents.core.checking_bytes import BYTES_MAX
from twinhood.documents.models import Document

TOO_LARGE = _("The file is larger than 20 MB; a signed paper is not.")


class PaperForm(forms.Form):
    """A PDF to look at."""

    paper = forms.FileField(
        label=_("PDF file"),
        help_text=_("At most 20 MB. It is looked at and forgotten."),
        error_messages={
            "required": _("Choose a PDF file."),
            "empty": _("The file is empty."),
            "missing": _("Choose a PDF file."),
        },
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf", "data-hash": "#hash-out"}),
    )

    def clean_paper(self) -> Any:
        paper = self.cleaned_data["paper"]
        if paper.size > BYTES_MAX:
            raise ValidationError(TOO_LARGE)
        return paper


class CodeForm(forms.Form):
    """The short code that is printed on a paper."""

    code = forms.CharField(
        label=_("Code on the paper"),
        max_length=40,
        strip=True,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters"}),
        error_messages={"required": _("Enter the code that stands on the paper.")},
    )

    def clean_code(self) -> str:
        plain = code.read(self.cleaned_data["code"])
        if not plain or not Document.objects.filter(code=plain).exists():
            raise ValidationError(
                _("No paper here has this code. Compare it with the sheet, letter by letter.")
            )
        return plain
