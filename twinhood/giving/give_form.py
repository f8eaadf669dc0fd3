"""The giving page's form as it is shown. What was sent is read by `core.giving_form`, not here."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _

from twinhood.giving import give_words
from twinhood.giving.core.giving_form import GIFT_AID, LENGTHS, Problem, Purpose, Terms


class GiveForm(forms.Form):
    """Labels, hints and entries. It checks nothing by itself: `problems` are given to it."""

    form_key = forms.CharField(widget=forms.HiddenInput)
    seen = forms.CharField(widget=forms.HiddenInput)
    what = forms.ChoiceField(label=_("What for?"), widget=forms.RadioSelect)
    rhythm = forms.ChoiceField(label=_("How often"), widget=forms.RadioSelect)
    amount = forms.CharField(label=_("How much?"))
    other = forms.CharField()
    cover = forms.BooleanField()
    email = forms.CharField(
        label=_("E-mail, for the receipt"),
        help_text=_("Leave it empty to give without a receipt; then keep the link you get."),
    )
    name = forms.CharField(
        label=_("Name"), help_text=_("Leave it empty to stay anonymous, to us too.")
    )
    shows_name = forms.BooleanField(label=_("Show my name on the partnership’s page"))
    tells_organiser = forms.BooleanField(
        label=_("Tell the people behind the campaign who I am, so that they can thank me")
    )
    team = forms.ChoiceField(
        label=_("Do you give with a team?"),
        help_text=_("Its gifts are counted together on the partnership’s page, without names."),
    )
    honour = forms.CharField(
        label=_("In honour or in memory of"), help_text=_("It is kept with your gift for you.")
    )
    employer = forms.CharField(
        label=_("Employer that matches gifts"),
        help_text=_(
            "Many employers double what their people give. Send yours the receipt: it states all "
            "that they ask for. With a name here we can answer when they ask us."
        ),
    )
    rule = forms.ChoiceField(label=_("Where do you pay tax?"))
    gift_aid = forms.BooleanField(label=_("Claim Gift Aid on this gift"))
    address = forms.CharField(label=_("Home address with postcode"))

    def __init__(
        self,
        entries: Mapping[str, str],
        *,
        terms: Terms,
        purpose: Purpose,
        problems: Iterable[Problem] = (),
        general: str = "",
    ) -> None:
        super().__init__(data=dict(entries))
        self._terms, self._purpose = terms, purpose
        self._problems, self._general = tuple(problems), general
        for field in self.fields.values():
            field.required = False
        currency = give_words.CURRENCIES.get(purpose.currency, purpose.currency)
        self.fields["other"].label = _("Another amount, in %(currency)s") % {"currency": currency}
        self._offer_choices()
        self._help_to_fill()

    def _offer_choices(self) -> None:
        choices: dict[str, list[tuple[str, Any]]] = {
            "what": [
                (purpose.code, purpose.title)
                for purpose in self._terms.purposes
                if purpose.currency == self._purpose.currency
            ],
            "rhythm": [("once", _("Once")), ("monthly", _("Monthly"))],
            "team": [
                ("", _("No team")),
                *((team.code, team.title) for team in self._terms.teams),
            ],
            "rule": [(rule, give_words.RULES[rule]) for rule in self._terms.rules],
        }
        for name, offered in choices.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101
            field.choices = offered

    def _help_to_fill(self) -> None:
        """What browsers and password managers fill in, and which keys a telephone shows."""
        attributes = {
            "other": {"inputmode": "decimal", "autocomplete": "transaction-amount"},
            "email": {"type": "email", "autocomplete": "email", "spellcheck": "false"},
            "name": {"autocomplete": "name"},
            "address": {"autocomplete": "street-address"},
            "employer": {"autocomplete": "organization"},
            "honour": {"autocomplete": "off"},
        }
        for name, more in attributes.items():
            self.fields[name].widget.attrs.update(more)
        for name, length in LENGTHS.items():
            self.fields[name].widget.attrs["maxlength"] = str(length)

    def full_clean(self) -> None:
        """Show what was found; nothing else is looked at."""
        self._errors = ErrorDict(renderer=self.renderer)
        self.cleaned_data: dict[str, Any] = {}
        if self._general:
            self.add_error(None, self._general)
        for problem in self._problems:
            words = give_words.sentence(
                problem, self._purpose.currency, self._terms, self._terms.language
            )
            name = problem.field if problem.field in self.fields else None
            if name in {"form_key", "seen", "rail"}:
                name = None
            self.add_error(name, words)

    @property
    def has_gift_aid(self) -> bool:
        """Whether Gift Aid can be declared here: a British charity, and pounds."""
        return GIFT_AID in self._terms.rules and self._purpose.currency == "GBP"

    @property
    def has_teams(self) -> bool:
        return bool(self._terms.teams)

    @property
    def has_rules(self) -> bool:
        return len(self._terms.rules) > 1
