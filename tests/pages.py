"""What a page consists of, read as a browser reads it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

# Elements whose text a browser runs or applies; data blocks have another type.
DATA_TYPES = frozenset({"application/json", "application/ld+json"})


@dataclass(slots=True)
class Form:
    """A form that posts, with the names of its fields and what stands in them."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Page(HTMLParser):
    """Read a page once: its forms, headings and languages, and what a strict policy forbids."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.headings: list[str] = []
        self.language = ""
        self.forbidden: list[str] = []
        self.tags: list[str] = []
        self.unlabelled: list[str] = []
        self._form: Form | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        if tag == "html":
            self.language = given.get("lang", "")
        if tag == "form" and given.get("method", "").lower() == "post":
            self._form = Form(given.get("action", ""))
            self.forms.append(self._form)
        if self._form and given.get("name") and tag in {"input", "textarea", "select", "button"}:
            self._form.fields.setdefault(given["name"], given.get("value", ""))
        self._judge(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None

    def _judge(self, tag: str, given: dict[str, str]) -> None:
        """Note what needs `unsafe-inline`, or loads from elsewhere."""
        self.forbidden += [
            f"{tag} {name}=" for name in given if name == "style" or name[:2] == "on"
        ]
        if tag == "style" or (
            tag == "script" and "src" not in given and given.get("type") not in DATA_TYPES
        ):
            self.forbidden.append(f"inline {tag}")
        for name in ("src", "href", "action", "formaction", "xlink:href"):
            if given.get(name, "").strip().lower().startswith(("javascript:", "vbscript:")):
                self.forbidden.append(f"{tag} {name}={given[name]}")
        loads = tag in {"script", "img", "iframe", "source", "use"} or given.get("rel") in {
            "stylesheet",
            "preload",
            "icon",
        }
        address = given.get("src", given.get("href", ""))
        if loads and address.startswith(("http:", "https:", "//")):
            self.forbidden.append(f"{tag} loads {address}")
