"""Trace links on their one way from an intake to the page that shows them once.

The secrets wait in the session, sealed with the master key: whoever reads the database finds
nothing to use.
"""

import json
from collections.abc import Iterable

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import translation

from twinhood.giving.actions import NewGift
from twinhood.giving.core.sealing import NotOurs
from twinhood.giving.keys import master_keys, open_note, seal_note

_SESSION_KEY = "giving.links"


def keep(request: HttpRequest, new: Iterable[NewGift]) -> None:
    """Keep the secrets of gifts just taken in until `take` shows them."""
    secrets_by_ref = {gift.ref: gift.secret for gift in new}
    sealed = seal_note(json.dumps(secrets_by_ref), master_keys(), f"links:{request.user.pk}")
    request.session[_SESSION_KEY] = sealed


def take(request: HttpRequest) -> dict[str, str]:
    """The secrets by ref, once: they are gone afterwards."""
    sealed = request.session.pop(_SESSION_KEY, None)
    if sealed is None:
        return {}
    try:
        plain = open_note(sealed, master_keys(), f"links:{request.user.pk}")
    except NotOurs:
        return {}
    found: dict[str, str] = json.loads(plain)
    return found


def address(request: HttpRequest, secret: str, language: str) -> str:
    """The trace page's whole address, in the donor's language."""
    with translation.override(language):
        try:
            path = reverse("web:trace", args=[secret])
        except NoReverseMatch:
            path = f"/{language}/t/{secret}/"
    return request.build_absolute_uri(path)
