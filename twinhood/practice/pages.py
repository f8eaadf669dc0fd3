"""Practice's own pages as text: the checkout, the bank's question, the desk. Plain HTML, no script.

Everything that is not ours goes through `html.escape`; sentences come from `words`.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from html import escape

from twinhood.practice.shapes import Thing
from twinhood.practice.words import WORDS, amount

SHOWN_CARDS = (
    ("4242 4242 4242 4242", "card_fine"),
    ("4000 0000 0000 3220", "card_3ds"),
    ("4000 0000 0000 0002", "card_declined"),
    ("4000 0000 0000 9995", "card_poor"),
    ("4000 0000 0000 0259", "card_disputed"),
    ("4000 0000 0000 0341", "card_later"),
)
# name, autocomplete, inputmode, longest
FIELDS = (
    ("email", "email", "email", 254),
    ("number", "cc-number", "numeric", 30),
    ("expiry", "cc-exp", "numeric", 7),
    ("cvc", "cc-csc", "numeric", 4),
    ("name", "cc-name", "text", 100),
)
RHYTHMS = {"month": "give_monthly", "year": "give_yearly"}


def document(lang: str, title: str, body: str, other: str | None = None) -> str:
    """A whole page, marked as practice; `other` is its address in the other language."""
    words = WORDS[lang]
    switch = "uk" if lang == "en" else "en"
    link = (
        f'<p class="language"><a href="{escape(other)}" hreflang="{switch}" lang="{switch}">'
        f"{words['other_language']}</a></p>"
        if other
        else ""
    )
    return f"""<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{words["practice"]}: {escape(title)}</title>
<link rel="stylesheet" href="/practice/practice.css">
</head>
<body>
<header role="banner"><p class="practice"><strong>{words["practice"]}</strong>
{words["no_money"]}</p>{link}</header>
<main>
{body}
</main>
</body>
</html>
"""


def what_is_asked(session: Thing, items: list[Thing], lang: str) -> str:
    """The one sentence of the page: what the button will do."""
    words = WORDS[lang]
    if session["mode"] == "setup":
        return words["save_card"]
    text = amount(session["amount_total"], session["currency"], lang)
    if session["mode"] == "payment":
        return words["give"].format(amount=text)
    interval = items[0]["price"]["recurring"]["interval"]
    return words[RHYTHMS.get(interval, "give_again")].format(amount=text)


def checkout(
    session: Thing,
    items: list[Thing],
    lang: str,
    typed: Mapping[str, str],
    errors: Mapping[str, str],
) -> str:
    """The page where a test card is typed; `errors` are keys of sentences by field."""
    words = WORDS[lang]
    asked = escape(what_is_asked(session, items, lang))
    lines = "".join(f"<li>{escape(item['description'] or '')}</li>" for item in items)
    fields = "".join(_field(field, lang, typed, errors) for field in FIELDS)
    cancel = session["cancel_url"]
    back = f'<p><a href="{escape(cancel)}">{words["back"]}</a></p>' if cancel else ""
    body = f"""<h1>{asked}</h1>
<ul class="lines">{lines}</ul>
{_summary(lang, errors)}
<form method="post" action="?lang={lang}" novalidate>
{fields}
<button>{asked}</button>
</form>
{back}
{_cards(lang)}"""
    return document(lang, asked, body, f"?lang={'uk' if lang == 'en' else 'en'}")


def _field(
    field: tuple[str, str, str, int], lang: str, typed: Mapping[str, str], errors: Mapping[str, str]
) -> str:
    name, autocomplete, inputmode, longest = field
    words = WORDS[lang]
    # A security code is typed anew each time, as on every page that takes cards.
    value = "" if name == "cvc" else escape(typed.get(name, ""))
    error, marks = "", ""
    if name in errors:
        error = f'<p class="error" id="error-{name}">{words[errors[name]]}</p>'
        marks = f' aria-invalid="true" aria-describedby="error-{name}"'
    kind = "email" if name == "email" else "text"
    need = "" if name == "name" else " required"
    return f"""<div class="field field-{name}"><label for="{name}">{words[name]}</label>{error}
<input id="{name}" name="{name}" type="{kind}" value="{value}" inputmode="{inputmode}"
 autocomplete="{autocomplete}" maxlength="{longest}"{need}{marks}></div>
"""


def _summary(lang: str, errors: Mapping[str, str]) -> str:
    if not errors:
        return ""
    words = WORDS[lang]
    links = "".join(f'<li><a href="#{name}">{words[key]}</a></li>' for name, key in errors.items())
    return f"""<div class="summary" role="alert"><h2>{words["problem"]}</h2>
<ul>{links}</ul><p>{words["not_charged"]}</p></div>"""


def _cards(lang: str) -> str:
    words = WORDS[lang]
    rows = "".join(
        f"<div><dt><code>{number}</code></dt><dd>{words[key]}</dd></div>"
        for number, key in SHOWN_CARDS
    )
    return f"""<section class="cards"><h2>{words["test_cards"]}</h2>
<dl>{rows}</dl><p>{words["any_date"]}</p></section>"""


def bank(session: Thing, lang: str) -> str:
    """The bank's question before it agrees (3-D Secure)."""
    words = WORDS[lang]
    says = ""
    if session["amount_total"] is not None:
        text = amount(session["amount_total"], session["currency"], lang)
        says = f"<p>{words['bank_says'].format(amount=escape(text))}</p>"
    body = f"""<h1>{words["bank_asks"]}</h1>{says}
<form method="post" action="?lang={lang}">
<button name="answer" value="yes">{words["approve"]}</button>
<button name="answer" value="no" class="second">{words["refuse"]}</button>
</form>"""
    return document(lang, words["bank_asks"], body, f"?lang={'uk' if lang == 'en' else 'en'}")


def closed(session: Thing | None, lang: str) -> str:
    """What stands where a session is over, or never was."""
    words = WORDS[lang]
    if session is None:
        body = f"<h1>{words['unknown']}</h1><p>{words['unknown_why']}</p>"
        return document(lang, words["unknown"], body)
    target = session["cancel_url"] or session["success_url"]
    body = f"""<h1>{words["closed"]}</h1><p>{words["closed_" + session["status"]]}</p>
<p><a href="{escape(target)}">{words["continue"]}</a></p>"""
    return document(lang, words["closed"], body)


def desk(charges: list[Thing], now: int, lang: str, problem: str = "") -> str:
    """Where a newcomer lets time pass and banks complain."""
    words = WORDS[lang]
    rows = "".join(_charge(charge, lang) for charge in charges)
    told = f"<ul class='payments'>{rows}</ul>" if rows else f"<p>{words['no_payments']}</p>"
    moment = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M")
    said = f'<div class="summary" role="alert"><p>{escape(problem)}</p></div>' if problem else ""
    acts = "".join(
        f'<button name="act" value="{key}">{words[key]}</button>'
        for key in ("day_passes", "month_passes", "pay_out")
    )
    body = f"""<h1>{words["desk"]}</h1><p>{words["desk_why"]}</p>{said}
<p>{words["now"].format(moment=moment)}</p>
<form method="post" action="?lang={lang}">{acts}</form>
<h2>{words["payments"]}</h2>{told}"""
    return document(lang, words["desk"], body, f"?lang={'uk' if lang == 'en' else 'en'}")


def _charge(charge: Thing, lang: str) -> str:
    words = WORDS[lang]
    text = amount(charge["amount"], charge["currency"], lang)
    states = [words[charge["status"]]]
    if charge["amount_refunded"]:
        back = amount(charge["amount_refunded"], charge["currency"], lang)
        states.append(words["refunded"].format(amount=back))
    button = ""
    if charge["disputed"]:
        states.append(words["disputed"])
    elif charge["paid"]:
        label = words["open_dispute"].format(amount=text, name=charge["id"][-6:])
        button = (
            f'<form method="post" action="?lang={lang}"><button class="second" name="dispute" '
            f'value="{escape(charge["id"])}">{escape(label)}</button></form>'
        )
    return f"<li><span>{escape(text)} · {escape(', '.join(states))}</span>{button}</li>"
