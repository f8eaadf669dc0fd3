"""Form fields for photos and scans, the same with a script and without one.

    class DamageForm(forms.Form):
        photos = FilesField(label=_("Photos"), count_max=10)

        def __init__(self, *args, work, **more):
            super().__init__(*args, **more)
            belong(self, work.partnership, work.person)

The clean value is a list of StoredFile. A file that is fit is kept at once, though another field
be wrong: the form comes back with it, and nobody sends a photo twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from twinhood.documents import file_words, files
from twinhood.documents.core.unshown import Unshown
from twinhood.documents.errors import FileRefused, TooBusy, TooManyFiles
from twinhood.documents.models import StoredFile
from twinhood.people.models import Partnership, Person

ACCEPT = "image/jpeg,image/png,image/webp,image/heic,image/heif,image/avif,image/tiff,.heic,.pdf"
MEGABYTE = 2**20


@dataclass(frozen=True, slots=True)
class Sent:
    """What came with a form: names of files that are here, and files."""

    kept: Sequence[str] = ()
    uploads: Sequence[Any] = field(default=())

    def __bool__(self) -> bool:
        return bool(self.kept or self.uploads)


class FilesInput(forms.FileInput):
    """Chosen files, and a box to tick for each that is here already."""

    allow_multiple_selected = True
    template_name = "documents/_files_input.html"
    needs_multipart_form = True
    # Where a script sends chunks to; "" where nobody is signed in.
    upload_path = ""

    def value_from_datadict(self, data: Any, given: Any, name: str) -> Sent:
        kept = [key.removeprefix(f"{name}-") for key in data if key.startswith(f"{name}-")]
        uploads = given.getlist(name) if hasattr(given, "getlist") else given.get(name, [])
        return Sent(kept, uploads)

    def value_omitted_from_data(self, data: Any, given: Any, name: str) -> bool:
        return not self.value_from_datadict(data, given, name)

    def format_value(self, value: Any) -> Any:
        return value

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, None, attrs)
        context["kept"] = value if isinstance(value, list) else []
        context["upload_path"] = self.upload_path
        return context


class OneFileInput(FilesInput):
    """One chosen file."""

    allow_multiple_selected = False


def _hint() -> str:
    hint = gettext("Photos or PDF, each up to %(megabytes)s MB. The place in a photo is removed.")
    return hint % {"megabytes": files.FILE_BYTES_MAX // MEGABYTE}


# In the language of whoever reads the form, not of whoever loaded the module.
HINT = lazy(_hint, str)()


class FilesField(forms.Field):
    """Photos and scans: a list of StoredFile, in the order in which they were chosen."""

    widget: type[forms.Widget] | forms.Widget = FilesInput
    default_error_messages = {"required": _("Choose at least one file.")}
    accept = ACCEPT

    def __init__(self, *, count_max: int = 10, **more: Any) -> None:
        more.setdefault("help_text", HINT)
        self.count_max = count_max
        super().__init__(**more)
        self.partnership: Partnership | None = None
        self.by: Person | None = None
        self.here: list[StoredFile] = []

    def of(self, partnership: Partnership | None, by: Person | None) -> None:
        """Say to which partnership files belong, and who sends them (None by a secret link)."""
        self.partnership, self.by = partnership, by
        if partnership and by and isinstance(self.widget, FilesInput):
            self.widget.upload_path = reverse("documents:begin_file", args=[partnership.slug])

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "accept": self.accept}

    def bound_data(self, data: Any, initial: Any) -> Any:
        return self.here

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(data)

    def clean(self, value: Any) -> Any:
        sent = value or Sent()
        self.here = self._kept_before(sent.kept)
        problems = []
        for upload in sent.uploads[: self.count_max]:
            try:
                self._add(files.keep(upload, partnership=self.partnership, by=self.by))
            except FileRefused as problem:
                problems.append(sentence(problem))
            except (TooManyFiles, TooBusy) as problem:
                is_busy = isinstance(problem, TooBusy)
                problems.append(str(file_words.BUSY if is_busy else file_words.TOO_MANY_AN_HOUR))
                break
        if problems:
            raise ValidationError([ValidationError(one) for one in problems])
        if len(self.here) > self.count_max or len(sent.uploads) > self.count_max:
            raise ValidationError(
                ngettext_lazy("Choose %(count)d file.", "At most %(count)d files.", self.count_max)
                % {"count": self.count_max}
            )
        if self.required and not self.here:
            raise ValidationError(self.error_messages["required"])
        return self.here

    def _kept_before(self, codes: Sequence[str]) -> list[StoredFile]:
        """Files of this very person and partnership; names of others are passed over."""
        theirs = StoredFile.objects.filter(
            code__in=codes[: 2 * self.count_max], partnership=self.partnership,
            uploaded_by=self.by, state=StoredFile.State.RECEIVED,
        )  # fmt: skip
        found = {file.code: file for file in theirs.prefetch_related("renditions")}
        return [found[code] for code in codes if code in found]

    def _add(self, file: StoredFile) -> None:
        if file not in self.here:
            self.here.append(file)


class OneFileField(FilesField):
    """One photo or scan: a StoredFile, or None."""

    widget = OneFileInput
    default_error_messages = {"required": _("Choose a file.")}

    def __init__(self, **more: Any) -> None:
        super().__init__(count_max=1, **more)

    def clean(self, value: Any) -> StoredFile | None:
        found = super().clean(value)
        return found[0] if found else None


def belong(form: forms.Form, partnership: Partnership | None, by: Person | None) -> None:
    """Say of all files of a form to which partnership they belong, and who sends them."""
    for one in form.fields.values():
        if isinstance(one, FilesField):
            one.of(partnership, by)


def sentence(problem: FileRefused) -> str:
    """Why, and what to do, in the reader's language."""
    facts = {"name": problem.name, "megabytes": files.FILE_BYTES_MAX // MEGABYTE}
    return str(file_words.WHY[Unshown(problem.why)] % facts)
