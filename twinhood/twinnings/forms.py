"""Forms of drafts, of what a side's law asks for, and of the bond."""

from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from twinhood.documents.file_fields import FilesField, OneFileField, belong
from twinhood.kit.fields import LocalText
from twinhood.kit.inputs import DayField, LineField, LocalForm, TextField, language
from twinhood.people.core.names import tidy_name
from twinhood.people.models import Partnership
from twinhood.people.queries import Workspace
from twinhood.places.core.names import alphabet, alphabet_of, is_in_one_script
from twinhood.places.models import Place
from twinhood.places.queries import lacks_name, perhaps_named
from twinhood.twinnings import words
from twinhood.twinnings.core import states, wording
from twinhood.twinnings.core.drafting import (
    BOTH,
    HEADING_LENGTH_MAX,
    TEXT_LENGTH_MAX,
    Article,
    Change,
    ChangeKind,
    Content,
)
from twinhood.twinnings.models import Draft, Step, Twinning
from twinhood.twinnings.queries import place_of


class WordingField(forms.CharField):
    """A text that will be signed: refused with the place named, never mended silently."""

    def __init__(self, *, most: int, **more: Any) -> None:
        super().__init__(strip=False, **more)
        self.most = most

    def clean(self, value: Any) -> str:
        text = wording.tidy(super().clean(value))
        if flaw := wording.flaw_in(text, length_max=self.most):
            slots = {"what": flaw.what, "line": flaw.line, "length": self.most}
            raise ValidationError(words.FLAW[flaw.why] % slots)
        return text


class NameField(forms.CharField):
    """What a city is called in a language in which nobody has recorded its name yet."""

    def __init__(self, place: Place, code: str) -> None:
        known = perhaps_named(place, code)
        super().__init__(
            label=_("%(city)s in this language: %(language)s")
            % {"city": place.name, "language": words.LANGUAGE_NAMES[code]},
            help_text=_("GeoNames writes it so: %(names)s") % {"names": ", ".join(known)}
            if known
            else _("The paper and all pages in that language call the city so."),
            max_length=120,
        )
        self.alphabet = alphabet_of(code)

    def clean(self, value: Any) -> str:
        name = tidy_name(super().clean(value))
        if name and not (alphabet(name) == self.alphabet and is_in_one_script(name)):
            raise ValidationError(_("Write the name in the letters of that language alone."))
        return name


class BeginForm(forms.Form):
    """What is to be agreed, as one paper or two, in which two languages."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    kind = forms.ChoiceField(label=_("What is agreed"), choices=Draft.Kind.choices)
    papers = forms.ChoiceField(
        label=_("Papers"),
        choices=[
            ("one", _("One paper that both cities sign")),
            ("two", _("Two companion proclamations, one by each city")),
        ],
        widget=forms.RadioSelect,
        initial="one",
    )
    first_language = forms.ChoiceField(label=_("First language"), choices=words.LANGUAGES)
    second_language = forms.ChoiceField(label=_("Second language"), choices=words.LANGUAGES)

    def __init__(self, *args: Any, partnership: Partnership, **more: Any) -> None:
        here = language()
        other = "en" if here == "uk" else "uk"
        more.setdefault(
            "initial",
            {"form_key": uuid4(), "papers": "one", "first_language": here,
             "second_language": other},
        )  # fmt: skip
        super().__init__(*args, **more)
        chosen = [self["first_language"].value(), self["second_language"].value()]
        # Which name each further field asks for: the city, and the language.
        self.unnamed = {
            f"{side}_{code}": (place_of(partnership, side), code)
            for side in BOTH
            for code in chosen
            if code in words.LANGUAGE_NAMES and lacks_name(place_of(partnership, side), code)
        }
        for name, (place, code) in self.unnamed.items():
            self.fields[name] = NameField(place, code)

    @property
    def name_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.unnamed]

    @property
    def names(self) -> list[tuple[Place, str, str]]:
        """The names that were filled in: of which city, in which language."""
        return [(*asked, self.cleaned_data[name]) for name, asked in self.unnamed.items()]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if given.get("first_language") == given.get("second_language"):
            self.add_error("second_language", _("Choose another language than the first one."))
        if given.get("papers") == "two" and given.get("kind") in (
            Draft.Kind.AID,
            Draft.Kind.HAND_OVER,
        ):
            self.add_error("papers", _("Aid and hand-overs need one paper that both cities sign."))
        return given


class ArticleForm(forms.Form):
    """An article in both languages: other words for one that stands, or a new one."""

    form_key = forms.UUIDField(widget=forms.HiddenInput)
    # The article as it was read: by this a change made meanwhile is noticed.
    seen = forms.RegexField("^[0-9a-f]{64}$", required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, content: Content, article: Article | None = None, **more: Any
    ) -> None:
        more.setdefault("initial", {"form_key": uuid4(), "seen": article and article.digest})
        super().__init__(*args, **more)
        self.content = content
        self.article = article
        if article is None:
            self.fields["after"] = forms.TypedChoiceField(
                label=_("After which article"),
                choices=list(_places(content, language())),
                coerce=int,
            )
        for place, code in zip(("first", "second"), content.languages, strict=True):
            self._add_language(place, code)
        self.fields["reason"] = TextField(
            label=_("Why"),
            help_text=_("The other city reads it beside your proposal."),
            max_length=1000,
            required=False,
        )

    def _add_language(self, place: str, code: str) -> None:
        name = words.LANGUAGE_NAMES[code]
        for part, label, most, widget in (
            ("heading", _("Heading (%(language)s)"), HEADING_LENGTH_MAX, forms.TextInput),
            ("text", _("Text (%(language)s)"), TEXT_LENGTH_MAX, forms.Textarea(attrs={"rows": 9})),
        ):
            stands = getattr(self.article, part).get(code, "") if self.article else ""
            field = WordingField(
                label=label % {"language": name},
                most=most,
                required=False,
                initial=stands,
                widget=widget,
            )
            field.widget.attrs |= {"lang": code, "dir": "auto"}
            self.fields[f"{part}_{place}"] = field

    def columns(self) -> list[list[forms.BoundField]]:
        """The fields of each language."""
        return [[self[f"heading_{place}"], self[f"text_{place}"]] for place in ("first", "second")]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        whole = [given.get(f"heading_{p}") and given.get(f"text_{p}") for p in ("first", "second")]
        if not self.errors and not any(whole):
            self.add_error(
                "text_first", _("Write heading and text in at least one of the two languages.")
            )
        return given

    def change(self) -> Change:
        given = self.cleaned_data
        first, second = self.content.languages
        key: int = self.article.key if self.article else given["after"]
        return Change(
            kind=ChangeKind.REWORD if self.article else ChangeKind.ADD,
            key=key,
            seen_digest=given["seen"],
            heading={first: given["heading_first"], second: given["heading_second"]},
            text={first: given["text_first"], second: given["text_second"]},
        )


def _places(content: Content, reader: str) -> list[tuple[int, str]]:
    return [
        (article.key, f"{number}. {LocalText(article.heading).in_language(reader)[0]}"[:80])
        for paper in content.papers
        for number, article in enumerate(paper.articles)
    ]


class RemovalForm(forms.Form):
    """Why an article should be left out."""

    seen = forms.RegexField("^[0-9a-f]{64}$", widget=forms.HiddenInput)
    reason = TextField(
        label=_("Why it should be left out"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": words.REASON_MISSING},
    )


class CommentForm(forms.Form):
    text = TextField(
        label=_("Comment"),
        help_text=_("It changes nothing in the text. Both cities read it."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write something.")},
    )


class ReasonForm(forms.Form):
    """A sentence that says why."""

    reason = TextField(
        label=_("Reason"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": words.REASON_MISSING},
    )  # fmt: skip


class PhotoForm(LocalForm):
    """The newsroom's photo of the day, with what is said of it."""

    local_fields = {
        "caption": (
            _("Caption"),
            _("Who is to be seen, where and when."),
            True,
            LineField,
            300,
        ),
        "alt": (
            _("What is to be seen"),
            _("For those who cannot see it, as in: Two people at a table, each with a pen."),
            True,
            LineField,
            300,
        ),
    }
    form_key = forms.UUIDField(widget=forms.HiddenInput)
    photo = OneFileField(label=_("Photo"))
    credit = LineField(
        label=_("Who took it"),
        help_text=_("A name, or a newsroom."),
        max_length=120,
        error_messages={"required": _("Say who took it.")},
    )

    def __init__(self, *args: Any, work: Workspace, **more: Any) -> None:
        more.setdefault("initial", {"form_key": uuid4()})
        super().__init__(*args, **more)
        self.add_local_fields({})
        belong(self, work.partnership, work.person)


class StepForm(forms.Form):
    """A decision, an approval or a registration, with the paper that says so."""

    kind = forms.ChoiceField(label=_("What was decided"), choices=Step.Kind.choices)
    number = LineField(label=_("Number"), help_text=_("File or act number."), max_length=120)
    step_date = DayField(label=_("Date"))
    body = LineField(
        label=_("Who decided"),
        help_text=_("As in: Board of Representatives of Stamford."),
        max_length=200,
    )
    votes_for = forms.IntegerField(
        label=pgettext_lazy("votes", "For"), min_value=0, max_value=10_000, required=False
    )
    votes_against = forms.IntegerField(
        label=pgettext_lazy("votes", "Against"), min_value=0, max_value=10_000, required=False
    )
    votes_abstained = forms.IntegerField(
        label=pgettext_lazy("votes", "Abstained"), min_value=0, max_value=10_000, required=False
    )
    source = LineField(
        label=_("Where it can be read"),
        help_text=_("An address on the web, or the archive and its file."),
        max_length=300,
    )
    papers = FilesField(label=_("Its scan"), required=False, count_max=5)

    def __init__(self, *args: Any, today: date, work: Workspace, **more: Any) -> None:
        super().__init__(*args, **more)
        self.today = today
        belong(self, work.partnership, work.person)

    def clean_step_date(self) -> date:
        day: date = self.cleaned_data["step_date"]
        if day > self.today:
            raise ValidationError(_("The date of a decision is not in the future."))
        return day


class StateForm(LocalForm):
    """What a body of the own city decided about the bond."""

    local_fields = {
        "decided_by": (
            _("Which body decided"),
            _("As in: city council, by 21 votes to 3."),
            True, LineField, 200,
        ),
        "text": (
            _("What was decided"),
            _("One sentence that everybody reads in the history of the bond."),
            True, TextField, 600,
        ),
    }  # fmt: skip
    new_state = forms.ChoiceField(label=_("Change the bond"))
    decided_date = DayField(label=_("Date of the decision"))
    source = LineField(
        label=_("Where it can be read"),
        help_text=_("An address on the web, or the archive and its file."),
        max_length=300,
    )

    def __init__(self, *args: Any, state: str, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["new_state"].choices = [  # type: ignore[attr-defined]
            (new, words.NEW_STATE[new])
            for new in words.NEW_STATE
            if new in states.NEXT[state] - states.BY_SIGNING
        ]
        self.add_local_fields({})

    def facts(self) -> dict[str, Any]:
        """What was written, once the form is valid: arguments of `change_state`."""
        given = self.cleaned_data
        names = ("decided_by", "text", "decided_date", "source")
        return {name: given[name] for name in names} | {
            "new_state": Twinning.State(given["new_state"])
        }
