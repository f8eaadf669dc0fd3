"""What screening is called on pages, and the sentences for what was refused."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from twinhood.deliveries.models import Screening

OUTCOME = {
    Screening.Outcome.OPEN: pgettext_lazy("screening", "To be decided"),
    Screening.Outcome.CLEAR: pgettext_lazy("screening", "Clear"),
    Screening.Outcome.LISTED: pgettext_lazy("screening", "On a list"),
}
OUTCOME_TAG = {
    Screening.Outcome.OPEN: "w",
    Screening.Outcome.CLEAR: "ab",
    Screening.Outcome.LISTED: "x",
}
NOT_SCREENED = {
    "none": _("%(name)s is not looked up in the lists of sanctions yet."),
    "open": _("%(name)s is like a name on a list. Somebody decides about it first."),
    "listed": _("%(name)s is on a list of sanctions. Nothing is ordered or paid."),
    "expired": _("What the lists of sanctions say of %(name)s is too old. Look it up again."),
}
NO_LISTS = _("No list of sanctions is here yet. Whoever runs this Twinhood takes one in.")
MAY_NOT_DECIDE = _("You looked it up, so somebody else decides about what was found.")
