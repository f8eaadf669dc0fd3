"""A telethon's burst: the same page is drawn once for everybody who asks within some seconds."""

import time
from collections.abc import Callable, Hashable

from django.conf import settings
from django.http import HttpResponse

# Pages are some 40 kB: the bound keeps this below 5 MB a process.
PAGES_MAX = 100
_drawn: dict[Hashable, tuple[float, bytes]] = {}


def answer(page: Hashable, draw: Callable[[], HttpResponse]) -> HttpResponse:
    """Return the page as drawn not longer than BURST_CACHE_S ago, or draw it.

    Only for public pages, which are the same for everybody; a change shows once the page is old.
    """
    now = time.monotonic()
    known = _drawn.get(page)
    if known is not None and now - known[0] < settings.BURST_CACHE_S:
        return HttpResponse(known[1])
    response = draw()
    if response.status_code == 200 and settings.BURST_CACHE_S:
        while len(_drawn) >= PAGES_MAX:
            _drawn.pop(next(iter(_drawn)), None)
        _drawn[page] = (now, response.content)
    return response
