"""Giving: the form, what is shown before paying, and the pledge's own page.

Nothing here reads a cookie or a session: a form that stood open for a day, was sent twice or came
by the back button works. What guards it is in `giving.origins`, `pledging.make` and `limits`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.csp import CSP
from django.utils.translation import get_language, gettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from twinhood.giving import errors, give_words, limits, offering, pledging, queries, sharing
from twinhood.giving.core import giving_form
from twinhood.giving.core.cover import FeeRule
from twinhood.giving.core.giving_form import Problem, Purpose, Terms
from twinhood.giving.core.pledged import Choice
from twinhood.giving.give_form import GiveForm
from twinhood.giving.models import Pledge
from twinhood.giving.offering import Offer
from twinhood.giving.origins import is_from_here
from twinhood.giving.rails import BY_CODE, RAILS
from twinhood.kit import clock
from twinhood.kit.error_pages import forbidden
from twinhood.kit.http import forget_visitor
from twinhood.kit.money import BadAmount, format_money, format_number, parse_minor

type View = Callable[..., HttpResponse]
SEE_OTHER = 303


def open_to_all(view: View) -> View:
    """For pages that anybody may open, that show nothing of the visitor, and that no cache keeps:
    each has a form with a key of its own.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        forget_visitor(request)
        if request.method == "POST" and not is_from_here(request):
            return forbidden(request)
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "private, no-store"
        return response

    wrapped.is_open = True  # type: ignore[attr-defined]
    return csrf_exempt(require_http_methods(["GET", "HEAD", "POST"])(wrapped))


@open_to_all
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """The giving page, and what is sent from it. `?need=3`, `?amount=25`, `?currency=EUR` and
    `?monthly=1` choose before the donor does, and `?team=springdale` a team.
    """
    shown = offering.offer_lately(slug, get_language() or "en")
    if shown is None:
        raise Http404
    if shown.terms is None:
        return _closed(request, shown)
    if request.method == "POST":
        return _take(request, shown, shown.terms)
    entries, purpose = _fresh_entries(request, shown, shown.terms)
    return Drawing(request, shown, shown.terms, purpose).form(entries)


def _closed(request: HttpRequest, shown: Offer) -> HttpResponse:
    """Nothing can be given for here now. What was sent changed nothing."""
    context = {"partnership": shown.partnership, "was_sent": request.method == "POST"}
    status = 409 if request.method == "POST" else 200
    return render(request, "giving/give_closed.html", context, status=status)


# --- the empty form


def _fresh_entries(
    request: HttpRequest, shown: Offer, terms: Terms
) -> tuple[dict[str, str], Purpose]:
    asked = request.GET
    purpose = _asked_purpose(asked, terms)
    entries = {
        "form_key": str(uuid4()),
        "what": purpose.code,
        "rhythm": "monthly" if asked.get("monthly") == "1" else "once",
        "rule": terms.rules[0],
        "team": asked.get("team", "") if terms.team(asked.get("team", "")) else "",
        **_asked_amount(asked.get("amount", ""), shown, purpose, terms),
    }
    return entries, purpose


def _asked_purpose(asked: Mapping[str, str], terms: Terms) -> Purpose:
    wanted = [f"{offering.NEED}-{asked.get('need', '')}"]
    currency = asked.get("currency", "").upper()
    found = next((terms.purpose(code) for code in wanted if terms.purpose(code)), None)
    return found or _purpose_in(currency, terms)


def _purpose_in(currency: str, terms: Terms) -> Purpose:
    return next((p for p in terms.purposes if p.currency == currency), terms.purposes[0])


def _asked_amount(typed: str, shown: Offer, purpose: Purpose, terms: Terms) -> dict[str, str]:
    """The chip of an amount in an address, or its field; else the campaign's own sum."""
    offered = [s.amount_minor for s in offering.suggestions(shown, purpose)]
    if not typed:
        return {"amount": str(_first_choice(offered, shown, purpose))}
    try:
        amount = parse_minor(typed, purpose.currency, "en")
    except BadAmount:
        return {"amount": giving_form.OTHER, "other": typed[:40]}
    if amount in offered:
        return {"amount": str(amount)}
    shown_so = format_number(amount, purpose.currency, terms.language)
    return {"amount": giving_form.OTHER, "other": shown_so}


def _first_choice(offered: Sequence[int], shown: Offer, purpose: Purpose) -> int:
    """What the campaign asks of each, or the second rung."""
    campaign = shown.campaign
    if campaign is not None and campaign.slogan_per_head_minor in offered:
        return int(campaign.slogan_per_head_minor)
    return offered[min(1, len(offered) - 1)]


# --- drawing


@dataclass(frozen=True, slots=True)
class Chip:
    """One suggested amount, which part of a thing it is (0: none), and with the card's fee."""

    value: str
    label: str
    parts: int
    is_chosen: bool
    cover: str
    total: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """The page for a purpose; every answer keeps what was typed."""

    request: HttpRequest
    shown: Offer
    terms: Terms
    purpose: Purpose

    def form(
        self,
        entries: Mapping[str, str],
        *,
        problems: Sequence[Problem] = (),
        general: str = "",
        status: int = 200,
    ) -> HttpResponse:
        form = GiveForm(
            entries, terms=self.terms, purpose=self.purpose, problems=problems, general=general
        )
        suggestions = offering.suggestions(self.shown, self.purpose)
        context = {
            "form": form,
            "chips": [self._chip(each, entries.get("amount", "")) for each in suggestions],
            "thing": next((each.need for each in suggestions if each.need), None),
            "other_chosen": entries.get("amount") == giving_form.OTHER,
            "rails": [BY_CODE[code] for code in self.terms.rails if self._takes(code)],
            "can_monthly": bool(self.terms.monthly_rails),
            "currencies": self._currencies(),
            "has_choice": len(form.fields["what"].choices) > 1,  # type: ignore[attr-defined]
            "fee": self._fee(),
            "progress": offering.progress(self.shown, self.purpose),
            "is_practice": _is_practice(),
            **self._context(),
        }
        return self._answer("giving/give.html", context, status)

    def check(
        self, entries: Mapping[str, str], choice: Choice, *, wait_s: int = 0, written: str = ""
    ) -> HttpResponse:
        """What will be paid, before it is: where the sum was not seen yet, or one has to wait."""
        kept = {name: value for name, value in entries.items() if name not in {"seen", "pass"}}
        kept |= {"seen": str(choice.amount_minor)} | ({"pass": written} if written else {})
        context = {
            "choice": choice,
            "gift_minor": choice.amount_minor - choice.cover_minor,
            "rail": BY_CODE[choice.rail],
            "is_transfer": choice.rail == offering.TRANSFER,
            "kept": kept,
            "wait_s": wait_s,
            **self._context(),
        }
        response = self._answer("giving/give_check.html", context, 429 if wait_s else 200)
        if wait_s:
            response["Retry-After"] = str(wait_s)
        return response

    def _context(self) -> dict[str, Any]:
        return {
            "partnership": self.shown.partnership,
            "campaign": self.shown.campaign,
            "issuer": self.shown.issuer,
            "purpose": self.purpose,
            "need": self.shown.needs.get(self.purpose.code),
        }

    def _answer(self, template: str, context: dict[str, Any], status: int) -> HttpResponse:
        return leading_to_rails(render(self.request, template, context, status=status))

    def _takes(self, code: str) -> bool:
        return self.terms.takes(code, self.purpose.currency)

    def _currencies(self) -> list[tuple[str, Any, bool]]:
        codes = dict.fromkeys(purpose.currency for purpose in self.terms.purposes)
        return [
            (code, give_words.CURRENCIES.get(code, code), code == self.purpose.currency)
            for code in codes
        ]

    def _fee(self) -> FeeRule | None:
        """What a card costs, where one can be used."""
        can_card = offering.CARD in self.terms.rails and self._takes(offering.CARD)
        return self.terms.fees.get((offering.CARD, self.purpose.currency)) if can_card else None

    def _chip(self, suggestion: offering.Suggestion, chosen: str) -> Chip:
        currency, language = self.purpose.currency, self.terms.language
        amount, fee = suggestion.amount_minor, self._fee()
        cover = fee.cover_minor(amount) if fee else 0
        return Chip(
            value=str(amount),
            label=format_money(amount, currency, language, short=True),
            parts=suggestion.parts,
            is_chosen=chosen == str(amount),
            cover=format_money(cover, currency, language),
            total=format_money(amount + cover, currency, language),
        )


def _is_practice() -> bool:
    """Whether cards are only played with here: the page says so before anything else."""
    ready = (rail.online for rail in RAILS if rail.online is not None and rail.online.is_ready())
    return any(getattr(online, "is_test", bool)() for online in ready)


def leading_to_rails(response: HttpResponse) -> HttpResponse:
    """Let forms of this page lead where rails take payments: browsers hold a form to the policy
    of its page also where the answer sends it on.
    """
    origins = [
        origin
        for rail in RAILS
        if rail.online is not None and rail.online.is_ready()
        for origin in getattr(rail.online, "page_origins", list)()
    ]
    response._csp_config = {  # type: ignore[attr-defined]
        **settings.SECURE_CSP,
        "form-action": [CSP.SELF, *origins],
    }
    return response


# --- what was sent


def _take(request: HttpRequest, shown: Offer, terms: Terms) -> HttpResponse:
    entries = _entries(request)
    purpose = terms.purpose(entries.get("what", "")) or _purpose_in("", terms)
    drawing = Drawing(request, shown, terms, purpose)
    if (redraw := entries.pop("redraw", None)) is not None:
        return _redrawn(drawing, entries, redraw)
    form_key = giving_form.form_key_of(entries)
    try:
        choice = giving_form.read(entries, terms)
    except giving_form.Wrong as wrong:
        entries["form_key"] = str(form_key or uuid4())
        return drawing.form(entries, problems=wrong.problems, status=422)
    if form_key is None:
        entries["form_key"] = str(uuid4())
        return drawing.form(entries, problems=[Problem("form_key", "gone")], status=422)
    if not giving_form.is_amount_shown(entries, choice):
        return drawing.check(entries, choice)
    at = clock.now()
    place = limits.sent_from(request)
    failed = limits.failures(place, at) if choice.rail == offering.CARD else 0
    if failed >= limits.FAILURES_MAX:
        limits.count_form(place, at)
        words = str(give_words.PROBLEMS["", "paused"])
        return drawing.form(entries, general=words, status=429)
    written = entries.get("pass", "")
    waited = limits.waited_s(written, entries["form_key"], at) if written else None
    try:
        made = pledging.make(
            partnership=shown.partnership,
            form_key=form_key,
            choice=choice,
            at=at,
            sent_from=place,
            count=limits.count_of(place, at, failed=failed, waited_s=waited or 0),
            is_started=choice.rail == offering.TRANSFER,
        )
    except errors.HasToWait as problem:
        if waited is None:
            written, waited = limits.new_pass(entries["form_key"], at), 0
        wait_s = limits.wait_s(problem.forms, failed) - waited
        return drawing.check(entries, choice, wait_s=wait_s, written=written)
    except errors.FormSentOtherwise:
        entries |= {"form_key": str(uuid4()), "seen": ""}
        return drawing.form(entries, problems=[Problem("form_key", "other")], status=409)
    if made.is_new and choice.rail == offering.TRANSFER:
        return see_other(_own_page(terms.language).format(made.secret))
    return _begun(made.pledge, made.secret, lambda words, status: drawing.form(
        entries, general=words, status=status
    ))  # fmt: skip


def _entries(request: HttpRequest) -> dict[str, str]:
    entries = {name: str(value) for name, value in request.POST.items()}
    if secret := entries.pop("again", ""):
        found = pledging.pledge_by_secret(secret)
        entries = (pledging.entries_of(found) if found else {}) | {"redraw": ""}
        entries["form_key"] = str(uuid4())
    return entries


def _redrawn(drawing: Drawing, entries: dict[str, str], currency: str) -> HttpResponse:
    """The form again with all that was typed, perhaps in another currency."""
    purpose = drawing.purpose
    if currency and currency != purpose.currency:
        purpose = _purpose_in(currency, drawing.terms)
        entries |= {
            "what": purpose.code,
            **_asked_amount("", drawing.shown, purpose, drawing.terms),
        }
    return Drawing(drawing.request, drawing.shown, drawing.terms, purpose).form(entries)


def _begun(
    pledge: Pledge, secret: str, refused: Callable[[str, int], HttpResponse]
) -> HttpResponse:
    """Send the donor on to pay; `refused` answers in words where that is not possible."""
    own = reverse("giving:pledge", args=[secret])
    if pledge.state == Pledge.State.SETTLED:
        return see_other(own)
    online = BY_CODE[pledge.rail].online if pledge.rail in BY_CODE else None
    if online is None:
        return refused(str(give_words.PROBLEMS["", "down"]), 503)
    address = settings.SITE_URL + own
    try:
        to = online.begin(pledge, back_url=f"{address}?back=1", thanks_url=address)
    except errors.RailDown:
        return refused(str(give_words.PROBLEMS["", "down"]), 503)
    except errors.RailRefuses as problem:
        return refused(give_words.refusal(problem.code), 422)
    # A page of ours under the host that the donor uses, which may be another name of it.
    return see_other(own if to == address else to)


@cache
def _own_page(language: str) -> str:
    """The address of a pledge's own page, with {} where its secret stands."""
    return reverse("giving:pledge", args=["SECRET"]).replace("SECRET", "{}")


def see_other(address: str) -> HttpResponse:
    response = HttpResponseRedirect(address)
    response.status_code = SEE_OTHER
    return response


# --- the pledge's own page


@open_to_all
def pledge(request: HttpRequest, secret: str) -> HttpResponse:
    """How a pledge stands, for whoever has its link: pay, wait, or thank you."""
    found = pledging.pledge_by_secret(secret)
    if found is None:
        raise Http404
    if request.method == "POST":
        return _act(request, found, secret)
    return _pledge_page(request, found, secret)


def _act(request: HttpRequest, found: Pledge, secret: str) -> HttpResponse:
    def told(words: str, status: int) -> HttpResponse:
        return _pledge_page(request, found, secret, words=words, status=status)

    online = BY_CODE[found.rail].online if found.rail in BY_CODE else None
    if request.POST.get("act") == "pay":
        return _begun(found, secret, told)
    try:
        if online is not None and found.state != Pledge.State.SETTLED:
            online.look(found)
    except errors.RailDown:
        return told(gettext("The way of paying does not answer now. Try again in a while."), 503)
    except errors.RailRefuses as problem:
        return told(give_words.refusal(problem.code), 422)
    return see_other(reverse("giving:pledge", args=[secret]))


# So long after it was begun, a page that waits for a card's answer looks again by itself.
LOOKS_AGAIN_S = 600


def _pledge_page(
    request: HttpRequest, found: Pledge, secret: str, *, words: str = "", status: int = 200
) -> HttpResponse:
    states = Pledge.State
    waits = found.state in {states.MADE, states.STARTED}
    age_s = (clock.now() - found.changed_at).total_seconds()
    is_back = request.GET.get("back") == "1"
    is_transfer = found.rail != offering.CARD
    context = {
        "pledge": found,
        "partnership": found.partnership,
        "secret": secret,
        "words": words,
        "waits": waits,
        "is_back": is_back and waits,
        "is_transfer": is_transfer,
        "looks_again": waits and not is_transfer and not is_back and age_s < LOOKS_AGAIN_S,
        "why": give_words.refusal(found.problem),
        "can_again": found.state != states.SETTLED and found.rail in BY_CODE,
        **_gift_context(found, secret),
    }
    response = render(request, "giving/give_pledge.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return leading_to_rails(response)


def _gift_context(found: Pledge, secret: str) -> dict[str, Any]:
    """What can be said once the money is here; nothing before."""
    gift = found.gift
    if gift is None:
        return {"gift": None}
    trace_url = settings.SITE_URL + reverse("web:trace", args=[secret])
    give_url = settings.SITE_URL + reverse("giving:give", args=[found.partnership.slug])
    return {
        "gift": gift,
        "told": pledging.told_with(found),
        "refunded_minor": queries.given_back_minor(gift),
        "trace_url": trace_url,
        "give_url": give_url,
        "trace_qr": sharing.qr(trace_url, gettext("QR code of the link to your gift’s way")),
    }
