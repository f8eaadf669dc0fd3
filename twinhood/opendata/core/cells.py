"""Texts inside other people's formats, so that they stay texts there.

`PLAIN` is what no format minds; nearly all keys are of this kind, and go in as they are.
"""

import re
from json.encoder import encode_basestring

PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9:._/-]*")
# A spreadsheet takes a cell that begins so for a formula; the last four are full-width forms.
_FORMULA = tuple("=+-@\t\r\uff1d\uff0b\uff0d\uff20")
_QUOTED = re.compile(r'[",\r\n]')
_UNSAFE = re.compile(r"[^A-Za-z0-9:._/-]")

json_text = encode_basestring


def cell(text: str) -> str:
    """A cell of a CSV file for people (RFC 4180), with a ' before what would be a formula."""
    if PLAIN.fullmatch(text):
        return text
    if text.startswith(_FORMULA):
        text = "'" + text
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text


def row(*texts: object) -> str:
    """A line of a CSV file; what is no text is a number of ours or nothing."""
    return ",".join(_written(text) for text in texts) + "\r\n"


def _written(value: object) -> str:
    if value is None:
        return ""
    return cell(value) if isinstance(value, str) else str(value)


def books_text(text: str) -> str:
    """A key inside accounting text: what could mean something there becomes % and six digits."""
    return _UNSAFE.sub(lambda found: f"%{ord(found[0]):06X}", text)
