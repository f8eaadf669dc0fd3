"""What needs are called on pages, and the sentences for what was refused."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from twinhood.needs.core.checks import Refusal
from twinhood.needs.models import BoardDecision, Campaign, Need, TargetNote
from twinhood.people.core.registry import BadCode

# One thing of each kind: for lists, and for what may be said before a need is public.
CATEGORY = {
    Need.Category.AMBULANCE: pgettext_lazy("kind of thing", "Ambulance"),
    Need.Category.TRUCK: pgettext_lazy("kind of thing", "Municipal truck"),
    Need.Category.MRI: pgettext_lazy("kind of thing", "Medical device"),
    Need.Category.GENERATOR: pgettext_lazy("kind of thing", "Generator"),
    Need.Category.ENERGY: pgettext_lazy("kind of thing", "Power and heat"),
    Need.Category.WATER: pgettext_lazy("kind of thing", "Water supply"),
    Need.Category.OTHER: pgettext_lazy("kind of thing", "Other thing"),
}
ICON = {
    Need.Category.AMBULANCE: "ambulance",
    Need.Category.TRUCK: "truck",
    Need.Category.MRI: "mri",
    Need.Category.GENERATOR: "generator",
    Need.Category.ENERGY: "generator",
    Need.Category.WATER: "pallet",
    Need.Category.OTHER: "pallet",
}
PRIORITY = {
    Need.Priority.URGENT: pgettext_lazy("need", "Urgent: lives depend on it"),
    Need.Priority.SOON: pgettext_lazy("need", "Soon"),
    Need.Priority.PLANNED: pgettext_lazy("need", "Planned"),
}
BAD_CODE = {
    BadCode.LENGTH: _("A code of ЄДРПОУ has eight digits."),
    BadCode.CHECK_DIGIT: _("The last digit does not fit the others. Look at the code once more."),
}
STATE = {
    Need.State.DRAFT: pgettext_lazy("need", "Draft"),
    Need.State.SUBMITTED: pgettext_lazy("need", "Being checked"),
    Need.State.VERIFIED: pgettext_lazy("need", "Verified"),
    Need.State.WITHDRAWN: pgettext_lazy("need", "Withdrawn"),
    Need.State.REJECTED: pgettext_lazy("need", "Rejected"),
}
# The colour of its tag: verified, open, given up.
STATE_TAG = {
    Need.State.DRAFT: "w",
    Need.State.SUBMITTED: "b",
    Need.State.VERIFIED: "a",
    Need.State.WITHDRAWN: "w",
    Need.State.REJECTED: "x",
}
CAMPAIGN_STATE = {
    Campaign.State.DRAFT: pgettext_lazy("campaign", "Planned"),
    Campaign.State.OPEN: pgettext_lazy("campaign", "Open"),
    Campaign.State.CLOSED: pgettext_lazy("campaign", "Closed"),
}
DECISION = {
    BoardDecision.Kind.ADOPTED: _("The board adopted these needs"),
    BoardDecision.Kind.RESUMED: _("The board lets the campaign go on"),
    BoardDecision.Kind.FALLBACK: _("The board ended the campaign; its fallback purpose holds"),
}
TARGET_NOTE = {
    TargetNote.Why.ADDED: _("Came in: %(need)s."),
    TargetNote.Why.REMOVED: _("Went out: %(need)s."),
    TargetNote.Why.CHANGED: _("Its price or number changed: %(need)s."),
}
VERIFY_REFUSED = {
    Refusal.NOT_SUBMITTED: _("This need is not waiting to be checked."),
    Refusal.WRITER: _("You wrote this need, so somebody else must check it."),
    Refusal.TWICE: _("You have checked this need already."),
    Refusal.CHANGED: _("The need was changed while you looked. Read it again, then decide."),
}
CAMPAIGN_LACKS = {
    "fallback_purpose": _("Say what the money is for if it cannot buy what it was given for."),
    "surplus_rule": _("Say what becomes of money that is left over."),
    "ends_date": _("Say until when gifts are taken; the day lies in the future."),
    "needs": _("Put at least one verified need into the campaign."),
    "adopted": _("Record by which minutes the board adopted every need in it, as they are now."),
}
NOT_ADOPTED = _("The board has not adopted this need as it is now. Record its minutes first.")
NOT_PAUSED = _("The campaign is not paused, or the decision is older than the pause.")
NOT_THE_WRITER = _("Only the person who wrote this need can change it.")
WRONG_STATE = _("This need has moved on meanwhile, so nothing was changed.")
MONEY_WAS_GIVEN = _(
    "Money was given for this need. Two people withdraw it, and its donors are asked."
)
REASON_MISSING = _("Say why, in a sentence that the writer will read.")
OTHER_CURRENCY = _("This need is priced in %(need)s, the campaign collects %(campaign)s.")
CAMPAIGN_WRONG_STATE = _("The campaign is open, so its words stay as the givers saw them.")
AMOUNT = {
    "empty": _("Enter the price of one."),
    "form": _("Write the price as in “%(example)s”."),
    "digits": _("%(currency)s has no smaller part than in “%(example)s”."),
    "zero": _("The price is more than zero."),
    "negative": _("The price is more than zero."),
    "large": _("This is more than can be booked."),
}
