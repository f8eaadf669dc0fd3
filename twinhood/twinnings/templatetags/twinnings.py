"""`{% load twinnings %}`: how a text became another, for eyes and for screen readers."""

from collections.abc import Sequence

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from twinhood.places.core.standing import Danger
from twinhood.places.models import Standing
from twinhood.twinnings import words
from twinhood.twinnings.core.difference import Fate, Stretch

register = template.Library()


@register.filter
def marked(stretches: Sequence[Stretch]) -> SafeString:
    """The text with what came as `<ins>` and what went as `<del>`, each said aloud too."""
    return format_html_join("", "{}", ((_marked(stretch),) for stretch in stretches))


def _marked(stretch: Stretch) -> SafeString | str:
    if stretch.fate is Fate.KEPT:
        return stretch.text
    element = "ins" if stretch.fate is Fate.ADDED else "del"
    said = gettext("new:") if element == "ins" else gettext("left out:")
    return format_html(
        '<{0}><span class="vh">[{1} </span>{2}<span class="vh">]</span></{0}>',
        SafeString(element), said, stretch.text,
    )  # fmt: skip


@register.filter
def danger(standing: Standing) -> str:
    """The class that an official list puts a place in, in the reader's words."""
    return str(words.DANGER[Danger(standing.danger)])
