"""Where a visitor may be sent: only to a path of this very site."""

from urllib.parse import urlsplit


def is_own_path(url: str | None) -> bool:
    """Whether `url` is a path here: one leading slash, no backslash, no control character.

    Browsers read `//host` and `/\\host` as another site, and drop tabs and line ends while they
    read; so none of these may stand in it.
    """
    return bool(
        url
        and url.startswith("/")
        and not url.startswith("//")
        and "\\" not in url
        and url.isprintable()
    )


def own_path_of(address: str, *, host: str) -> str | None:
    """Return path and query of an address on `host` (with its port), else None."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.netloc != host:
        return None
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    return path if is_own_path(path) else None
