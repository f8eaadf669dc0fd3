"""Labels for the things of an act: who gave them, and the address of each thing's page."""

from collections.abc import Iterable

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, ngettext

from twinhood.deliveries import queries
from twinhood.deliveries.act_paper import LANGUAGES
from twinhood.deliveries.models import HandoverAct, Unit
from twinhood.documents.core.labels import Label, sheet
from twinhood.ledger.core.entry import ADVANCE
from twinhood.ledger.queries import gifts_of
from twinhood.twinnings.core.setting import in_each

# Of fewer gifts no number is said, so that nobody can be guessed among them.
TOLD_FROM = 5
GIFTS_MAX = 100_000


def gifts_behind(unit: Unit) -> int:
    """How many gifts paid for a thing, the guarantor's advance apart."""
    partnership = unit.order.partnership
    shares = gifts_of(
        partnership=partnership, order_key=unit.order.key, unit=unit.code, limit=GIFTS_MAX
    )
    keys = {share.key.partition(":back-")[0] for share in shares}
    return sum(not key.startswith(ADVANCE) for key in keys)


def given_words(unit: Unit) -> dict[str, str]:
    """Who gave the thing, in each language: how many gifts, unless they are so few."""
    count = gifts_behind(unit)
    place = unit.order.partnership.giving_place
    said = {}
    for language in LANGUAGES:
        with translation.override(language):
            city = place.name_in(language)
            if count < TOLD_FROM:
                said[language] = gettext("Given by people of: %(city)s") % {"city": city}
            else:
                sentence = ngettext(
                    "Given by people of: %(city)s. %(count)s gift.",
                    "Given by people of: %(city)s. %(count)s gifts.",
                    count,
                )
                grouped = f"{count:,}".replace(",", "\u00a0" if language == "uk" else ",")
                said[language] = sentence % {"city": city, "count": grouped}
    return said


def labels_of(act: HandoverAct) -> bytes:
    """A sheet with a label for each thing of the act. Raises NotTypeset."""
    units = Unit.objects.filter(handover__act=act).select_related(
        "order__need", "order__partnership__giving_place"
    )
    labels = list(_labels(units.order_by("order__need__number", "number")))
    with translation.override(LANGUAGES[0]):
        title = gettext("Labels for the things of %(act)s") % {"act": act}
    return sheet(labels, title=title, language=LANGUAGES[0])


def _labels(units: Iterable[Unit]) -> Iterable[Label]:
    for unit in units:
        more = {}
        for language in LANGUAGES:
            with translation.override(language):
                more[language] = gettext("Its way, from the gift to here, is on its page.")
        # Without a language: whoever comes by the label gets the page in their own.
        with translation.override("en"):
            path = reverse("deliveries:unit", args=[unit.order.partnership.slug, unit.code])
        yield Label(
            url=f"{settings.SITE_URL}{path.removeprefix('/en')}",
            names=in_each(queries.unit_name(unit.order.need, unit.number), LANGUAGES),
            given=given_words(unit),
            more=more,
        )
