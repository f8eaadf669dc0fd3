"""What follow-ups and incidents are called on pages, and the sentences for what was refused."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from twinhood.aftercare.models import FollowUp, Incident, Question

CONDITION = {
    FollowUp.Condition.IN_USE: pgettext_lazy("follow-up", "In use"),
    FollowUp.Condition.REPAIRED: pgettext_lazy("follow-up", "Repaired, and in use again"),
    FollowUp.Condition.UNUSED: pgettext_lazy("follow-up", "There, and not in use"),
    FollowUp.Condition.MOVED: pgettext_lazy("follow-up", "Moved to another place of its holder"),
    FollowUp.Condition.STOLEN: pgettext_lazy("follow-up", "Stolen"),
    FollowUp.Condition.DESTROYED: pgettext_lazy("follow-up", "Destroyed"),
}
WARNINGS = frozenset({FollowUp.Condition.STOLEN, FollowUp.Condition.DESTROYED})
SEVERITY = {
    Incident.Severity.LOW: pgettext_lazy("incident", "Minor"),
    Incident.Severity.SERIOUS: pgettext_lazy("incident", "Serious"),
    Incident.Severity.GRAVE: pgettext_lazy("incident", "Grave"),
}
QUESTION = {
    Question.State.OPEN: pgettext_lazy("question", "To be looked at"),
    Question.State.UNDER_QUESTION: pgettext_lazy("question", "Under question, in public"),
    Question.State.CLEARED: pgettext_lazy("question", "Cleared"),
}
ANSWERED = _("This was answered already. What you see is the answer that stands.")
EXPIRED = _("This link is too old. Ask the city’s administration for another.")
DECIDED = _("This has moved on meanwhile, so nothing was changed.")
MAY_NOT_REVIEW = {
    "writer": _("You wrote it, so two others must agree to its words."),
    "twice": _("You have agreed already. Once is enough."),
    "same_organisation": _(
        "Somebody of your organisation has agreed. The second one must be of another."
    ),
    "changed": _("Its words were changed after you opened it. Read it again."),
}
