"""What can be told of a city's claim without asking anybody: its code, its domain, what is missing.

That it looks right proves nothing; it saves people the calls that could only fail.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from urllib.parse import urlsplit

from twinhood.people.core.registry import why_no_edrpou

# Anybody gets an address there, so it speaks for no city.
FREE_MAIL = frozenset({
    "aol.com", "bigmir.net", "fastmail.com", "gmail.com", "gmx.de", "gmx.net", "googlemail.com",
    "hotmail.com", "i.ua", "icloud.com", "live.com", "mail.com", "mail.ru", "me.com", "meta.ua",
    "msn.com", "outlook.com", "pm.me", "proton.me", "protonmail.com", "ukr.net", "web.de",
    "yahoo.com", "yandex.ru", "yandex.ua",
})  # fmt: skip
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_EIN = re.compile(r"\d{2}-?\d{7}")


class Missing(StrEnum):
    """What a claim still lacks before anybody may confirm it."""

    PLACE = "place"
    CODE = "code"
    MAIL = "mail"
    CALL = "call"


class Flaw(StrEnum):
    """What is wrong with what was typed."""

    WEBSITE = "website"
    FREE_MAIL = "free_mail"
    OTHER_DOMAIN = "other_domain"
    EDRPOU = "edrpou"
    EIN = "ein"


def domain_of(website: str) -> str:
    """The domain of an address as people type it, in lower case, without "www."; "" if none."""
    text = website.strip().lower()
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
        host = host.encode("idna").decode("ascii").removeprefix("www.")
    except ValueError:
        return ""
    labels = host.split(".")
    is_domain = len(labels) > 1 and all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit()
    return host if is_domain else ""


def mail_flaw(email: str, website: str) -> Flaw | None:
    """Why an address does not speak for whom the website belongs to, or None."""
    site, host = domain_of(website), domain_of(email.rpartition("@")[2])
    if not site:
        return Flaw.WEBSITE
    if host in FREE_MAIL or site in FREE_MAIL:
        return Flaw.FREE_MAIL
    is_same = host == site or host.endswith(f".{site}") or site.endswith(f".{host}")
    return None if is_same else Flaw.OTHER_DOMAIN


def code_flaw(code: str, country_code: str) -> Flaw | None:
    """Why this is no registry code of that country; None for none, and where we know no rule."""
    if code and country_code == "UA" and why_no_edrpou(code) is not None:
        return Flaw.EDRPOU
    if code and country_code == "US" and not _EIN.fullmatch(code):
        return Flaw.EIN
    return None


def missing(
    *, has_place: bool, has_code: bool, is_mail_confirmed: bool, was_called: bool
) -> Iterator[Missing]:
    """What is still lacking, in the order in which it is done."""
    if not has_place:
        yield Missing.PLACE
    if not has_code:
        yield Missing.CODE
    if not is_mail_confirmed:
        yield Missing.MAIL
    if not was_called:
        yield Missing.CALL
