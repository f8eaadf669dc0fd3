"""What a file says about itself: title, author, subject, and the like.

pyHanko lets all of it change after signing, for programs that sign write their name and the time
there. A reader's window shows the title, so all but those two must stay as they were signed.
"""

from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, fromstring

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
# How further properties are spelled: nobody is shown that, and pyHanko writes it differently.
_SCHEMAS = tuple(
    f"{{http://www.aiim.org/pdfa/ns/{kind}" for kind in ("extension", "schema", "property")
)
# What a signing program may say of its own work.
_ITS_OWN = {"ModifyDate", "MetadataDate", "Producer", "InstanceID", "ModDate"}
_SHOWN = ("/Title", "/Author", "/Subject", "/Keywords", "/Creator", "/CreationDate", "/Trapped")

type Labels = frozenset[tuple[str, str]]


def labels_of(revision: Any) -> Labels:
    """The labels in one revision, from both places where a PDF keeps them."""
    return frozenset([*_info(revision.trailer_view), *_metadata(revision)])


def _info(trailer: Any) -> Iterator[tuple[str, str]]:
    if "/Info" in trailer:
        info = trailer["/Info"]
        yield from ((key, str(info[key])) for key in _SHOWN if key in info)


def _metadata(revision: Any) -> Iterator[tuple[str, str]]:
    if "/Metadata" not in revision.root:
        return
    stream = revision.get_object(revision.root.raw_get("/Metadata").reference)
    try:
        tree = fromstring(stream.data)
    except (ParseError, DefusedXmlException, ValueError):
        yield "metadata", "broken"
        return
    yield from _leaves(tree, "")


def _leaves(element: Element, owner: str) -> Iterator[tuple[str, str]]:
    """Each property with its text, whether it is written as an element or as an attribute."""
    name = owner if element.tag.startswith(_RDF) else element.tag
    text = (element.text or "").strip()
    if text and _counts(name):
        yield name, text
    for key, value in element.attrib.items():
        if not key.startswith(_RDF) and _counts(key) and "}lang" not in key and "}xmptk" not in key:
            yield key, value.strip()
    for child in element:
        yield from _leaves(child, name)


def _counts(name: str) -> bool:
    if name.startswith(_SCHEMAS):
        return False
    return name.rpartition("}")[2] not in _ITS_OWN
