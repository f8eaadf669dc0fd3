"""A need's progress as the drawn component wants it, with words in the reader's language."""

from django.utils.translation import gettext, pgettext

from twinhood.kit.components import Pips, State
from twinhood.needs.core import goal
from twinhood.needs.core.goal import ItemProgress

# A thing that is partly given reads as still open.
_DRAWN: dict[goal.State, State] = {
    "": "",
    "part": "",
    "given": "given",
    "bought": "bought",
    "handed_over": "handed_over",
}


def pips(item: ItemProgress) -> Pips:
    """The need's things as little squares, with the sentence that says the same."""
    label = gettext("%(states)s, of %(quantity)s") % {
        "states": states_words(item),
        "quantity": item.item.quantity,
    }
    return Pips([_DRAWN[state] for state in item.states()], label)


def states_words(item: ItemProgress) -> str:
    """Everything about a need's things: "4 handed over, 2 bought, 6 to go"."""
    counts = {
        pgettext("units", "%(count)s handed over"): item.count("handed_over"),
        pgettext("units", "%(count)s bought"): item.count("bought"),
        pgettext("units", "%(count)s funded"): item.count("given"),
        pgettext("units", "%(count)s to go"): item.count("") + item.count("part"),
    }
    return ", ".join(words % {"count": count} for words, count in counts.items() if count)
