"""What needs are called on pages, and the sentences for what was refused."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from twinhood.needs.core.checks import Check, Refusal
from twinhood.needs.models import BoardDecision, Campaign, Evidence, Need, TargetNote
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
    Refusal.SAME_PERSON: _("You wrote this need, or checked it, with another account."),
    Refusal.NOTHING_CHECKED: _("Tick at least one thing that you checked."),
    Refusal.NO_REGISTER: _("Say in which official register the number stood that you called."),
    Refusal.NOT_CALLED: _(
        "Nobody has called whom this need is for. Call a number of an official register first."
    ),
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
CHECK = {
    Check.CALLED: pgettext_lazy("what was checked", "Called them, by a number of a register"),
    Check.HEAD: pgettext_lazy("what was checked", "The head of the institution confirms it"),
    Check.CODE: pgettext_lazy("what was checked", "The code stands in the state register"),
    Check.EVIDENCE: pgettext_lazy("what was checked", "Photos and papers seen"),
    Check.QUOTE: pgettext_lazy("what was checked", "The price fits the quotes"),
    Check.PLACE: pgettext_lazy("what was checked", "Was there"),
}
EVIDENCE = {
    Evidence.Kind.PHOTO: pgettext_lazy("evidence", "Photo"),
    Evidence.Kind.LETTER: pgettext_lazy("evidence", "Letter"),
    Evidence.Kind.DAMAGE: pgettext_lazy("evidence", "Act of damage"),
    Evidence.Kind.OTHER: pgettext_lazy("evidence", "Other paper"),
}
PUBLIC_WANTS_WORDS = _("Say what it shows, for those who cannot see it; then it can be public.")
MAY_NEED_LICENCE = _(
    "As armour, radios, drones and night vision often do. Then nothing is ordered before two "
    "people have read a licence, or a note that none is needed."
)
ALL_COVERED = _("If others brought all of them, withdraw the need instead.")
NOTHING_CHANGES = _("This is what the need asks for already.")
FEWER_THAN_ORDERED = _(
    "Ordered, or proposed for an order: %(ordered)s. The need cannot ask for fewer."
)
OWN_CHANGE = _("You proposed this change, so somebody else must agree to it.")
BAD_DAY = _("Choose a day to come, within %(days)s days.")
NOT_THE_WRITER = _("Only the person who wrote this need can change it.")
WRONG_STATE = _("This need has moved on meanwhile, so nothing was changed.")
MONEY_WAS_GIVEN = _(
    "Money was given for this need. Two people withdraw it, and its donors are asked."
)
REASON_MISSING = _("Say why, in a sentence that the writer will read.")
OTHER_CURRENCY = _("This need is priced in %(need)s, the campaign collects %(campaign)s.")
WAYPOINT_TAKEN = _("A step stands at this sum already.")
WAYPOINT_REACHED = _("This step is reached, so it stays.")
BEYOND_TARGET = _("This is more than the target, %(target)s.")
CAMPAIGN_CLOSED = _("The campaign is closed.")
CAMPAIGN_WRONG_STATE = _("The campaign is open, so its words stay as the givers saw them.")
AMOUNT = {
    "empty": _("Enter the price of one."),
    "form": _("Write the price as in “%(example)s”."),
    "digits": _("%(currency)s has no smaller part than in “%(example)s”."),
    "zero": _("The price is more than zero."),
    "negative": _("The price is more than zero."),
    "large": _("This is more than can be booked."),
}
