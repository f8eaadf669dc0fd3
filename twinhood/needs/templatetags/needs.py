"""`{% load needs %}`: what needs and campaigns are called, and how many people have said yes."""

from collections.abc import Mapping
from typing import Any

from django import template
from django.utils.html import format_html, linebreaks
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from twinhood.kit.fields import LocalText
from twinhood.needs import words
from twinhood.needs.core import catalogue
from twinhood.needs.core.checks import Check
from twinhood.needs.models import BoardDecision, Campaign, Evidence, Need, TargetNote

register = template.Library()


@register.filter
def in_words(text: Mapping[str, str]) -> str:
    """A text of the catalogue, in the page's language."""
    return str(LocalText(text))


@register.filter
def need_kind(need: Need) -> str:
    """What the catalogue calls one of it, or else the coarse kind."""
    known = catalogue.kinds().get(need.kind)
    if known is not None:
        return in_words(known.one)
    return str(words.CATEGORY[Need.Category(need.category)])


@register.filter
def check_words(code: str) -> str:
    """What a verifier ticked."""
    return str(words.CHECK[Check(code)])


@register.filter
def evidence_kind(piece: Evidence) -> str:
    return str(words.EVIDENCE[Evidence.Kind(piece.kind)])


@register.filter
def evidence_words(piece: Evidence) -> str:
    """What a piece shows, for those who cannot see it."""
    return str(piece.caption or evidence_kind(piece))


@register.filter
def need_priority(need: Need) -> str:
    return str(words.PRIORITY[Need.Priority(need.priority)])


@register.filter
def kind_icon(category: str) -> str:
    """The name of the drawing for a kind of thing."""
    return words.ICON[Need.Category(category)]


@register.filter
def need_icon(need: Need) -> str:
    return kind_icon(need.category)


@register.filter
def need_state(need: Need) -> str:
    return str(words.STATE[Need.State(need.state)])


@register.filter
def need_tag(need: Need) -> str:
    """The class of the tag that shows the need's state."""
    return words.STATE_TAG[Need.State(need.state)]


@register.filter
def campaign_state(campaign: Campaign) -> str:
    return str(words.CAMPAIGN_STATE[Campaign.State(campaign.state)])


@register.filter
def local_lines(value: LocalText | None) -> SafeString | str:
    """A LocalText of several paragraphs; another language than the page's is marked."""
    if value is None:
        return ""
    text, language = value.in_language(get_language() or "en")
    body = SafeString(linebreaks(text, autoescape=True))  # escaped there
    if language == get_language():
        return body
    return format_html('<div lang="{}">{}</div>', language, body)


@register.inclusion_tag("needs/_two.html")
def two(done: int, needed: int) -> dict[str, Any]:
    """How many of the people that a need wants have checked it."""
    words_ = gettext("Checks: %(done)s of %(needed)s") % {"done": done, "needed": needed}
    return {"marks": [i < done for i in range(needed)], "words": words_}


@register.inclusion_tag("needs/_two.html")
def two_approvals(done: int) -> dict[str, Any]:
    """How many of the two approvals an order has."""
    words_ = gettext("Approvals: %(done)s of 2") % {"done": min(done, 2)}
    return {"marks": [i < done for i in range(2)], "words": words_}


@register.filter
def decision_kind(decision: BoardDecision) -> str:
    """What the board decided, in words."""
    return str(words.DECISION[BoardDecision.Kind(decision.kind)])


@register.filter
def target_note(note: TargetNote) -> str:
    """Why the target changed, with the need's name; the sums stand beside it."""
    return str(words.TARGET_NOTE[TargetNote.Why(note.why)]) % {"need": note.need.title}
