"""What drafts and states are called on pages, and the sentences for what was refused."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from twinhood.documents.core.unfit import Why
from twinhood.places.core.standing import Danger
from twinhood.twinnings import errors
from twinhood.twinnings.core import capacity, states
from twinhood.twinnings.core.drafting import ARTICLES_MAX, WhyNot

# Languages that the typefaces of the papers can write, by their own names.
LANGUAGES = (
    ("en", "English"),
    ("uk", "українська"),
    ("bg", "български"),
    ("el", "Ελληνικά"),
    ("cs", "čeština"),
    ("da", "dansk"),
    ("de", "Deutsch"),
    ("es", "español"),
    ("et", "eesti"),
    ("fi", "suomi"),
    ("fr", "français"),
    ("hr", "hrvatski"),
    ("hu", "magyar"),
    ("it", "italiano"),
    ("lt", "lietuvių"),
    ("lv", "latviešu"),
    ("nb", "norsk"),
    ("nl", "Nederlands"),
    ("pl", "polski"),
    ("pt", "português"),
    ("ro", "română"),
    ("sk", "slovenčina"),
    ("sl", "slovenščina"),
    ("sv", "svenska"),
    ("tr", "Türkçe"),
)
LANGUAGE_NAMES: Mapping[str, str] = dict(LANGUAGES)

FLAW = {
    Why.DIRECTION: _(
        "Line %(line)s holds %(what)s, which is written from right to left or turns the text "
        "around it. Delete it: what is signed must read the same to everybody."
    ),
    Why.HIDDEN: _(
        "Line %(line)s holds a character that nobody can see (%(what)s). Delete it or type the "
        "line again."
    ),
    Why.PICTURE: _(
        "“%(what)s” in line %(line)s is a picture and no letter. Say it in words: the signed paper "
        "is kept for decades."
    ),
    Why.SCRIPT: _(
        "“%(what)s” in line %(line)s cannot be printed: the papers are set in Latin, Greek and "
        "Cyrillic letters so far. Write the name in one of them."
    ),
    Why.MIXED: _(
        "The word “%(what)s” in line %(line)s mixes letters of two alphabets that look alike. "
        "Type the word again in one alphabet."
    ),
    None: _(
        "This has %(what)s characters, and at most %(length)s fit. Divide it into several articles."
    ),
}
WHY_NOT = {
    WhyNot.GONE: _("This article is not in the text any more, so nothing was changed."),
    WhyNot.STALE: _(
        "The article was changed while you wrote. Compare both texts; yours is kept below."
    ),
    WhyNot.OPENING: _("The opening of a paper cannot be left out. Propose other words for it."),
    WhyNot.MANY: _("An agreement has at most %(number)s articles. Join some, or leave some out.")
    % {"number": ARTICLES_MAX},
    WhyNot.SAME: _("These are the words that stand there already. Change something."),
}
MAY_NOT_SIGN = {
    capacity.Refusal.NOT_BEGUN: _("The powers of this office have not begun yet."),
    capacity.Refusal.ENDED: _("The powers of this office have ended, so it cannot sign any more."),
    capacity.Refusal.NO_BASIS: _("No legal basis is recorded for these powers."),
    capacity.Refusal.OTHER_SIDE: _("This office belongs to the other city."),
    capacity.Refusal.OTHER_PERSON: _("These powers are recorded for another person."),
}
CANNOT_BECOME = {
    states.Refusal.NO_WAY: _("A twinning cannot go from its present state to that one."),
    states.Refusal.OTHER_SUSPENDED: _(
        "The other city suspended the twinning, so it is theirs to resume it."
    ),
    states.Refusal.FUTURE: _("The day of the decision is not in the future."),
    states.Refusal.EARLIER: _("An earlier decision cannot be recorded after a later one."),
}
# One side alone can say these; who decided is named with each.
NEW_STATE = {
    states.PROPOSED: pgettext_lazy("change of state", "propose"),
    states.RESOLVED: pgettext_lazy("change of state", "a council resolved it"),
    states.IN_FORCE: pgettext_lazy("change of state", "in force"),
    states.SUSPENDED: pgettext_lazy("change of state", "suspend"),
    states.ENDED: pgettext_lazy("change of state", "end"),
    states.EMERITUS: pgettext_lazy("change of state", "keep in honour"),
}
NAMES_ANOTHER = _(
    "The text names “%(named)s”. Choose them, or change the text; or say below that it is right."
)
REASON_MISSING = _("Say why, in a sentence that the other side will read.")
SENTENCES: Mapping[type[errors.AgreementError], Any] = {
    errors.NotOfASide: _("Only the administrations of the two cities write the agreement."),
    errors.WrongState: _("This has moved on meanwhile, so nothing was changed."),
    errors.OwnProposal: _("The other city decides on this proposal; you can withdraw it."),
    errors.OtherVersion: _(
        "The text was changed while you read. Nothing was marked: read the version that stands "
        "now, then decide."
    ),
    errors.NotReady: _("Some texts are still missing, so nobody can agree to this version yet."),
    errors.StillProposed: _(
        "Proposals still wait for a decision. Once they are decided, agree to the text."
    ),
    errors.MarkedForTheOther: _(
        "You agreed for the other city already. Somebody else agrees for this one."
    ),
    errors.ReasonMissing: REASON_MISSING,
    errors.NoSignatory: _("Say first who signs for each city, with which powers."),
}


def sentence_for(problem: errors.AgreementError) -> str:
    """What a person reads when the rules refuse."""
    match problem:
        case errors.CannotChange(why=why):
            return str(WHY_NOT[why])
        case errors.MayNotSign(refusal=refusal):
            return str(MAY_NOT_SIGN[refusal])
        case errors.CannotBecome(refusal=refusal):
            return str(CANNOT_BECOME[refusal])
    return str(SENTENCES[type(problem)])


DANGER = {
    Danger.POSSIBLE: _("Possible hostilities"),
    Danger.ACTIVE: _("Active hostilities"),
    Danger.REGISTERS: _("Active hostilities, where the state’s registers work"),
    Danger.OCCUPIED: _("Temporarily occupied"),
}
CANNOT_VOUCH = {
    "own_body": _("You act for this body yourself. People of other bodies make sure."),
    "same_person": _("You said it first, so somebody else confirms it."),
    "done": _("It was confirmed meanwhile."),
    "waits": _("Somebody said this already. It waits for a second person."),
}
