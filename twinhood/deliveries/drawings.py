"""A campaign's progress as the drawn components want it, with labels in the reader's language."""

from collections.abc import Iterable, Iterator

from django.urls import reverse
from django.utils.translation import gettext, pgettext

from twinhood.deliveries.core.publicity import PublicState
from twinhood.deliveries.queries import CampaignProgress, PublicUnit
from twinhood.kit.components import Cell, FundLine, Group, Pips, State
from twinhood.needs import words
from twinhood.needs.core.goal import ItemProgress, Run
from twinhood.needs.models import Need

# Beyond this many things a line is drawn run by run, not thing by thing.
CELLS_MAX = 240
_DRAWN: dict[str, State] = {
    "": "",
    "part": "given",
    "given": "given",
    "bought": "bought",
    "handed_over": "handed_over",
}


def fund_line(found: CampaignProgress) -> FundLine:
    """Draw the campaign's line from 0 to its target: each thing, and what became of it."""
    laid = found.progress
    is_fine = sum(item.item.quantity for item in laid.items) <= CELLS_MAX
    pairs = list(zip(found.needs, laid.items, strict=True))
    return FundLine(
        total_minor=laid.target_minor,
        given_minor=found.given_minor,
        currency=found.campaign.currency,
        cells=[cell for pair in pairs for cell in _cells(*pair, found, is_fine=is_fine)],
        groups=[_group(*pair) for pair in pairs],
    )


def _cells(
    need: Need, item: ItemProgress, found: CampaignProgress, *, is_fine: bool
) -> Iterator[Cell]:
    for run in item.runs:
        if is_fine:
            yield from _unit_cells(need, run, found)
        else:
            yield Cell(run.start_minor, run.length_minor, _DRAWN[run.state], str(need.title))


def _unit_cells(need: Need, run: Run, found: CampaignProgress) -> Iterator[Cell]:
    known = units_in_state(found.units.values(), need.number, run.state)
    for i, cell in enumerate(run.units()):
        unit = known[i] if i < len(known) else None
        label = str(unit.name) if unit else f"{need.unit_title} {cell.first + 1}"
        yield Cell(
            start_minor=cell.start_minor,
            length_minor=cell.unit_minor,
            state=_DRAWN[cell.state],
            label=label[:1].upper() + label[1:],
            url=unit_url(found.campaign.partnership.slug, unit) if unit else "",
        )


def units_in_state(units: Iterable[PublicUnit], need_number: int, state: str) -> list[PublicUnit]:
    """The things of a need that the world sees in this state, by number."""
    found = [u for u in units if u.need_number == need_number and u.state == state]
    return sorted(found, key=lambda unit: unit.number)


def unit_url(slug: str, unit: PublicUnit) -> str:
    return reverse("deliveries:unit", args=[slug, unit.code])


def _group(need: Need, item: ItemProgress) -> Group:
    return Group(
        label=f"{need.title}, {need.quantity}",
        sub=short_words(item),
        start_minor=item.start_minor,
        length_minor=item.item.total_minor,
        icon=words.ICON[Need.Category(need.category)],
    )


def short_words(item: ItemProgress) -> str:
    """The furthest that a need has come: "4 handed over"."""
    for state in (PublicState.HANDED_OVER, PublicState.BOUGHT, "given"):
        if count := item.count(state):  # type: ignore[arg-type]
            return _count_words(state, count)
    return pgettext("need", "not funded yet")


def _count_words(state: str, count: int) -> str:
    sentence = {
        "handed_over": pgettext("units", "%(count)s handed over"),
        "bought": pgettext("units", "%(count)s bought"),
        "given": pgettext("units", "%(count)s funded"),
        "open": pgettext("units", "%(count)s to go"),
    }[state]
    return sentence % {"count": count}


def states_words(item: ItemProgress) -> str:
    """Everything about a need's things: "4 handed over, 2 bought, 6 to go"."""
    counts = {state: item.count(state) for state in ("handed_over", "bought", "given")}
    counts["open"] = item.count("") + item.count("part")
    return ", ".join(_count_words(state, count) for state, count in counts.items() if count)


def pips(item: ItemProgress) -> Pips:
    """The need's things as little squares; one that is partly given reads as still open."""
    states = [_DRAWN[state] if state != "part" else "" for state in item.states()]
    label = gettext("%(states)s, of %(quantity)s") % {
        "states": states_words(item),
        "quantity": item.item.quantity,
    }
    return Pips(states, label)
