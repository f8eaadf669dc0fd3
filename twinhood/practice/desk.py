"""What a browser sees and sends: the checkout page, the bank's question, the desk."""

import re
from itertools import islice
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from twinhood.practice import checkout, control, jobs, pages, words
from twinhood.practice.answers import line_items
from twinhood.practice.core.months import later
from twinhood.practice.dispatch import Answer, Asked
from twinhood.practice.errors import StripeError
from twinhood.practice.store import Store, Thing

CSS = (Path(__file__).parent / "practice.css").read_bytes()
CHECKOUT = re.compile(r"/c/pay/(cs_test_\w+)")
BANK = re.compile(r"/c/pay/(cs_test_\w+)/bank")
SHOWN_CHARGES = 20
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
EXPIRY = re.compile(r"(0[1-9]|1[0-2]) ?/? ?(?:20)?(\d\d)")
ERRORS = {
    "incorrect_number": "error_number",
    "test_mode_live_card": "error_real",
    "insufficient_funds": "error_poor",
    "expired_card": "error_expired",
    "payment_intent_authentication_failure": "error_3ds",
    "processing_error": "error_other",
}


def answer(store: Store, asked: Asked) -> Answer | None:
    """Answer a browser; None where there is no page."""
    if asked.path == "/practice/practice.css":
        return Answer(200, CSS, "text/css; charset=utf-8")
    if asked.method == "POST" and not _is_own(store, asked):
        return _page("<h1>403</h1>", 403)
    with store.changing():
        jobs.run_due(store)
        if match := CHECKOUT.fullmatch(asked.path):
            return _checkout(store, asked, match.group(1))
        if match := BANK.fullmatch(asked.path):
            return _bank(store, asked, match.group(1))
    return _desk(store, asked) if asked.path == "/practice/" else None


def _is_own(store: Store, asked: Asked) -> bool:
    """Whether a form was sent from our own page; a stranger's page may not press our buttons."""
    origin = asked.headers.get("origin")
    own = urlsplit(store.address).port
    return origin is None or urlsplit(origin).port == own or origin == "null"


def _page(text: str, status: int = 200, leads_to: str | None = None) -> Answer:
    """A page under a policy that lets nothing in, and lets its form lead only where it must."""
    parts = urlsplit(leads_to or "")
    target = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
    policy = (
        "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; "
        f"form-action 'self'{target}"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return Answer(status, text.encode(), "text/html; charset=utf-8", headers)


def _go(target: str) -> Answer:
    return Answer(303, b"", headers={"Location": target, "Cache-Control": "no-store"})


def _form(asked: Asked) -> dict[str, str]:
    found = parse_qs(asked.body.decode(errors="replace"), max_num_fields=20)
    return {name: values[0][:300] for name, values in found.items()}


def _lang(asked: Asked, locale: str | None = None) -> str:
    chosen = parse_qs(asked.query).get("lang", [None])[0]
    return words.language(locale, asked.headers.get("accept-language", ""), chosen)


def _checkout(store: Store, asked: Asked, name: str) -> Answer:
    session = store.find("checkout.session", name)
    lang = _lang(asked, session["locale"] if session else None)
    if session is None:
        return _page(pages.closed(None, lang), 404)
    if session["status"] == "complete" and asked.method == "POST":
        return _go(checkout.after(session))  # a double click: the first one paid
    if session["status"] != "open":
        return _page(pages.closed(session, lang), 410)
    if asked.method == "GET":
        return _form_page(store, session, lang, {"email": session["customer_email"] or ""}, {})
    typed = _form(asked)
    errors = _mistakes(typed, store.now())
    if errors:
        return _form_page(store, session, lang, typed, errors)
    try:
        card = checkout.card_typed(typed["number"])
        is_done = checkout.submit(store, session, card, typed["email"], typed.get("name", ""))
    except StripeError as error:
        kept = {} if error.body.get("decline_code") == "test_mode_live_card" else typed
        shown = typed if kept else {**typed, "number": ""}
        return _form_page(store, session, lang, shown, {"number": sentence(error)})
    return _go(checkout.after(session) if is_done else f"/c/pay/{name}/bank?lang={lang}")


def _form_page(
    store: Store, session: Thing, lang: str, typed: dict[str, str], errors: dict[str, str]
) -> Answer:
    items = line_items(store, session)["data"]
    text = pages.checkout(session, items, lang, typed, errors)
    return _page(text, 422 if errors else 200, session["success_url"])


def sentence(error: StripeError) -> str:
    """The key of what we say of a card error."""
    body = error.body
    for code in (body.get("decline_code"), body.get("code")):
        if code in ERRORS:
            return ERRORS[code]
    return "error_declined"


def _mistakes(typed: dict[str, str], now: int) -> dict[str, str]:
    errors = {}
    if not EMAIL.fullmatch(typed.get("email", "").strip()):
        errors["email"] = "error_email"
    if not typed.get("number", "").strip():
        errors["number"] = "error_number"
    expiry = EXPIRY.fullmatch(typed.get("expiry", "").strip())
    if expiry is None:
        errors["expiry"] = "error_expiry"
    elif _ends(int(expiry.group(2)), int(expiry.group(1))) <= now:
        errors["expiry"] = "error_expiry_past"
    cvc = typed.get("cvc", "").strip()
    if not (cvc.isascii() and cvc.isdigit() and 3 <= len(cvc) <= 4):
        errors["cvc"] = "error_cvc"
    return errors


def _ends(year: int, month: int) -> int:
    """When a card's last month is over, in seconds (UTC)."""
    first_of_2000 = 946_684_800
    return later(first_of_2000, "month", 12 * year + month)


def _bank(store: Store, asked: Asked, name: str) -> Answer:
    session = store.find("checkout.session", name)
    lang = _lang(asked, session["locale"] if session else None)
    if session is None:
        return _page(pages.closed(None, lang), 404)
    if session["status"] == "complete" and asked.method == "POST":
        return _go(checkout.after(session))
    if store.find("_step", name) is None or session["status"] != "open":
        return _go(f"/c/pay/{name}?lang={lang}")
    if asked.method == "GET":
        return _page(pages.bank(session, lang), leads_to=session["success_url"])
    try:
        is_approved = _form(asked).get("answer") == "yes"
        checkout.answer_bank(store, session, is_approved=is_approved)
    except StripeError as error:
        return _form_page(store, session, lang, {}, {"number": sentence(error)})
    return _go(checkout.after(session))


def _desk(store: Store, asked: Asked) -> Answer:
    lang, problem = _lang(asked), ""
    if asked.method == "POST":
        try:
            _act(store, _form(asked))
            return _go(f"/practice/?lang={lang}")
        except StripeError as error:
            problem = str(error)
    with store.changing():
        newest = list(islice(store.newest("charge"), SHOWN_CHARGES))
        text = pages.desk(newest, store.now(), lang, problem)
    return _page(text, 422 if problem else 200)


def _act(store: Store, form: dict[str, str]) -> None:
    act, now = form.get("act"), store.now()
    if "dispute" in form:
        control.act(store, "/practice/dispute", {"charge": form["dispute"]})
    elif act == "day_passes":
        control.act(store, "/practice/time", {"advance_s": 86_400})
    elif act == "month_passes":
        control.act(store, "/practice/time", {"to": later(now, "month", 1)})
    elif act == "pay_out":
        control.act(store, "/practice/payout", {"currency": "usd", "includes_pending": True})
