"""What claims and reasons are called on pages, and the sentences for what was refused."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from twinhood.joining import errors
from twinhood.joining.core.claim import Flaw, Missing
from twinhood.joining.core.matching import Reason, Why
from twinhood.kit.templatetags.kit import digits

FLAWS: Mapping[Flaw, Any] = {
    Flaw.WEBSITE: _("Enter the address of the official website, such as city.gov.ua."),
    Flaw.FREE_MAIL: _(
        "Anybody can have an address there. Enter one of the city’s own domain, as on its website."
    ),
    Flaw.OTHER_DOMAIN: _("The address must belong to the domain of the official website."),
    Flaw.EDRPOU: _("A code of ЄДРПОУ has eight digits, and the last one does not fit the others."),
    Flaw.EIN: _("An EIN has nine digits, such as 06-6001234."),
}
MISSING: Mapping[Missing, Any] = {
    Missing.PLACE: _("It names no place that the registry of cities knows."),
    Missing.CODE: _("It has no code in an official register of legal persons."),
    Missing.MAIL: _("Nobody has opened the link in the letter to the official address yet."),
    Missing.CALL: _(
        "Nobody has called yet, on a number out of an official register, to hear it confirmed."
    ),
}
SENTENCES: Mapping[type[errors.JoiningError], Any] = {
    errors.OwnClaim: _("This is a claim of your own; others look at it."),
    errors.SamePerson: _("You made the call yourself, so a second person confirms."),
    errors.MovedOn: _("This has moved on meanwhile, so nothing was changed."),
    errors.CityTaken: _("This city works here already, through another claim. Look at both again."),
    errors.LinkUnknown: _("This link is not good any more. Ask for another letter."),
    errors.TooManyLetters: _("Three letters were sent within this hour. Look into the mailbox."),
    errors.NotAPair: _("These two cannot be brought together: one city, or a pair already."),
}


def sentence_for(problem: errors.JoiningError) -> str:
    """What a person reads when something is refused."""
    if isinstance(problem, errors.StillMissing):
        return " ".join(str(MISSING[one]) for one in problem.what)
    return str(SENTENCES[type(problem)])


def reason_words(reason: Reason) -> str:
    """A reason as a sentence with its number."""
    number = reason.number
    match reason.why:
        case Why.TWINS:
            return gettext("They are sister cities already.")
        case Why.SIZE:
            times = number_format(Decimal(number) / 10, decimal_pos=1)
            return gettext("One has %(times)s times as many people as the other.") % {
                "times": times
            }
        case Why.SHARED:
            return ngettext(
                "They share %(n)s sister city.", "They share %(n)s sister cities.", number
            ) % {"n": digits(number)}
        case Why.HABIT:
            return ngettext(
                "%(n)s twinning of their two countries is recorded.",
                "%(n)s twinnings of their two countries are recorded.",
                number,
            ) % {"n": digits(number)}
        case Why.NO_PARTNER_THERE:
            return gettext("No partner of it in this country is recorded yet.")
    return gettext("%(n)s km apart.") % {"n": digits(number)}
