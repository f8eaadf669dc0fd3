"""What shipments are called on pages, and the sentences for what was refused."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from twinhood.transport.core.legs import Stage
from twinhood.transport.models import Damage, Load, RiskHolder

RISK_HOLDER = {
    RiskHolder.SUPPLIER: pgettext_lazy("bears the loss", "Supplier"),
    RiskHolder.CARRIER: pgettext_lazy("bears the loss", "Carrier"),
    RiskHolder.CONSIGNOR: pgettext_lazy("bears the loss", "Sender"),
    RiskHolder.CONSIGNEE: pgettext_lazy("bears the loss", "Receiver"),
}
STAGE = {
    Stage.PREPARED: pgettext_lazy("shipment", "Being prepared"),
    Stage.UNDER_WAY: pgettext_lazy("shipment", "On the road"),
    Stage.BETWEEN: pgettext_lazy("shipment", "Waiting on the way"),
    Stage.ARRIVED: pgettext_lazy("shipment", "Arrived"),
}
STAGE_TAG = {Stage.PREPARED: "w", Stage.UNDER_WAY: "a", Stage.BETWEEN: "a", Stage.ARRIVED: "ab"}
CONDITION = {
    Load.Condition.GOOD: pgettext_lazy("condition", "In order"),
    Load.Condition.DAMAGED: pgettext_lazy("condition", "Damaged"),
    Load.Condition.LOST: pgettext_lazy("condition", "Lost"),
}
REMEDY = {
    Damage.Remedy.CREDIT: _("The supplier credited it"),
    Damage.Remedy.INSURANCE: _("An insurance paid"),
    Damage.Remedy.REPLACED: _("It was replaced"),
    Damage.Remedy.WRITTEN_OFF: _("Written off: nobody pays"),
}
OUT_OF_ORDER = {
    "planned": _("It would arrive before it leaves: look at both planned times."),
    "actual": _("It would have arrived before it left: look at both times."),
    "not_departed": _("It cannot have arrived without leaving: say when it left, too."),
    "future": _("What has happened lies in the past: this time is still to come."),
    "gap": _("The leg before has not arrived yet: record its arrival first."),
    "before_last": _("It would have left before the leg before it arrived."),
}
CLOSED = {
    "cancelled": _("This shipment is cancelled, so nothing was changed."),
    "declared": _("It is declared: what is in it stays. Cancel the shipment and begin anew."),
    "cleared": _("Customs have cleared it, so this stays as it is."),
    "not_declared": _("Record the declaration’s code first."),
    "not_cleared": _("Record the day of customs clearance first."),
    "reported": _("Its report is filed, so this stays as it is."),
    "left": _(
        "It has left: who bears the loss, and a rate that was stated, stay as they were then."
    ),
    "empty": _("Say first what is in the shipment."),
    "handed_over": _("One of these was handed over or given up meanwhile. Choose again."),
}
BAD_DAY = {
    "future": _("What has happened lies in the past: choose a day until today."),
    "before_declaration": _("Customs clear what was declared before: look at both days."),
    "before_clearance": _("The report follows the clearance: look at both days."),
    "put_off": _(
        "The 90 days run from the day that is recorded. It can be corrected to an earlier day only."
    ),
}
TRAVELS_ELSEWHERE = _("This is in another shipment already: %(thing)s")
CODE_KNOWN = _("Another shipment has this declaration’s code. Look at the code again.")
NO_SUCH_PLACE = _("No city of this name is known: %(typed)s")
DID_YOU_MEAN = _("No city of this name is known: %(typed)s. Did you mean %(names)s?")
