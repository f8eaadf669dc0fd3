"""One line of the bank: what it may be and why, what a person says it is, and taking that back."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods

from twinhood.giving import pledging
from twinhood.giving import words as giving_words
from twinhood.giving.core import reference
from twinhood.giving.errors import BadGift, GivingError, TakenInAlready
from twinhood.giving.fields import fund_title
from twinhood.giving.keys import master_keys
from twinhood.giving.models import Gift, Payout, Pledge
from twinhood.kit.money import format_money
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace
from twinhood.treasury import bank, bank_words, entries, suggesting
from twinhood.treasury.bank_forms import EntriesForm, GiverForm, ReasonForm
from twinhood.treasury.core.matching import Answer
from twinhood.treasury.errors import (
    LineNotOpen,
    MatchedElsewhere,
    MovedMeanwhile,
    NotOurPayout,
    OtherAmount,
    OtherCurrency,
    OtherFund,
    TreasuryError,
)
from twinhood.treasury.models import Match, StatementLine
from twinhood.treasury.views_bank import shown_number

ENTRIES_SHOWN = 25


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Action.TAKE_GIFT)
def bank_line(request: HttpRequest, work: Workspace, line: int) -> HttpResponse:
    """Show a line with what it may be; `step` says what the person decided."""
    lines = StatementLine.objects.select_related("account__partnership", "statement__file")
    found = get_object_or_404(lines, pk=line, account__partnership=work.partnership)
    forms = _forms(request, found)
    verb = _VERBS.get(request.POST.get("step", ""))
    if request.method != "POST" or verb is None:
        return _show(request, work, found, forms)
    try:
        sentence = verb(request, work, found, forms)
    except (TreasuryError, GivingError) as problem:
        forms["problem"] = words_of(problem)
        return _show(request, work, found, forms, status=409)
    if sentence is None:
        return _show(request, work, found, forms, status=422)
    messages.success(request, sentence)
    if request.POST.get("then") == "list":
        return redirect("treasury:bank", work.partnership.slug)
    return redirect("treasury:bank_line", work.partnership.slug, found.pk)


def _forms(request: HttpRequest, line: StatementLine) -> dict[str, Any]:
    """The forms of the page, bound only if their own button was pressed."""
    step = request.POST.get("step", "")
    part = _part(request)
    orphans = bank.gifts_without_giver(line)

    def of(*steps: str) -> Any:
        return request.POST if step in steps else None

    gift = orphans.get(part)
    return {
        "part": part,
        "orphans": orphans,
        "giver": GiverForm(of("gift"), line=line, fund=gift.fund if gift else None, prefix="giver"),
        "entries": EntriesForm(of("entries"), choices=_entry_choices(line)),
        "ignore": ReasonForm(of("ignore"), prefix="ignore"),
        "undo": ReasonForm(of("undo"), prefix="undo"),
        "open": ReasonForm(of("open"), prefix="open"),
        "problem": "",
    }


def _part(request: HttpRequest) -> int:
    """Which payment of a batch is meant, from 0."""
    typed = request.POST.get("part") or request.GET.get("part") or "0"
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 7 else 0


def _entry_choices(line: StatementLine) -> list[tuple[str, str]]:
    """Entries of the books around its day that went the same way; what is just as large first."""
    language, currency = get_language() or "en", line.account.currency
    found = [
        one
        for one in entries.unmatched(line.account, near=line.booked_date)
        if (one.amount_minor > 0) == (line.open_minor > 0)
    ]
    found.sort(key=lambda one: one.amount_minor != line.open_minor)
    return [
        (
            one.key,
            f"{format_money(one.amount_minor, currency, language)} · "
            f"{one.happened_at.date().isoformat()} · {one.key}",
        )
        for one in found[:ENTRIES_SHOWN]
    ]


def _show(
    request: HttpRequest,
    work: Workspace,
    line: StatementLine,
    forms: dict[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    line.refresh_from_db()
    (row,) = suggesting.understood(work.partnership, [line])
    live = line.matches.filter(undone_at=None).select_related("gift", "pledge").order_by("id")
    is_open = line.state == StatementLine.State.OPEN
    decisions = line.decisions.select_related("person").order_by("-at", "-id")
    context = {
        "work": work,
        "line": line,
        "number": shown_number(line.account),
        "words": row.words,
        "state": bank_words.STATE[line.state],
        "is_open": is_open,
        "payments": [_shown_payment(work, line, one, forms) for one in row.payments],
        "matches": [_shown_match(match) for match in live],
        "payouts": suggesting.payouts_for(line) if is_open else [],
        "decisions": [(bank_words.DECISION[one.kind], one) for one in decisions],  # type: ignore[index]
        "zone": work.partnership.giving_place.time_zone,
        "may_ignore": is_open and not line.matched_minor and not forms["orphans"],
    } | forms
    return render(request, "treasury/bank_line.html", context, status=status)


def _shown_payment(
    work: Workspace, line: StatementLine, payment: suggesting.Payment, forms: dict[str, Any]
) -> dict[str, Any]:
    orphan: Gift | None = forms["orphans"].get(payment.part)
    done = line.matches.filter(part=payment.part, undone_at=None).exists()
    return {
        "part": payment.part,
        "credit": payment.credit,
        "is_done": done,
        "orphan": orphan,
        "pledges": _shown_pledges(work, payment.answer),
    }


def _shown_pledges(work: Workspace, answer: Answer) -> list[dict[str, Any]]:
    keys = master_keys()
    shown = []
    for pledge, suggestion in suggesting.pledges_named(work.partnership, answer):
        told = pledging.told_with(pledge, keys)
        shown.append(
            {
                "pledge": pledge,
                "reference": reference.spaced(pledge.reference),
                "fund": fund_title(pledge.fund),
                "name": told.name or told.email,
                "score": suggestion.score,
                "reasons": [bank_words.REASON[reason] for reason in suggestion.reasons],
                "codes": ",".join(suggestion.reasons),
                "is_best": suggestion is answer.best,
            }
        )
    return shown


def _shown_match(match: Match) -> dict[str, Any]:
    return {
        "match": match,
        "kind": bank_words.KIND[Match.Kind(match.kind)],
        "reasons": [bank_words.REASON[r] for r in match.reasons if r in bank_words.REASON],
    }


type Verb = Callable[[HttpRequest, Workspace, StatementLine, dict[str, Any]], str | None]


def _accept(
    request: HttpRequest, work: Workspace, line: StatementLine, forms: dict[str, Any]
) -> str | None:
    typed = reference.read(request.POST.get("reference", "")[:60])
    pledges = Pledge.objects.filter(partnership=work.partnership, rail=suggesting.RAIL)
    pledge = pledges.select_related("fund").filter(reference=typed).first() if typed else None
    if pledge is None:
        forms["problem"] = gettext("No pledge has this reference.")
        return None
    (row,) = suggesting.understood(work.partnership, [line])
    part = forms["part"]
    listed = row.payments[part].answer.listed if part < len(row.payments) else ()
    reasons = next((one.reasons for one in listed if one.pledge.reference == typed), ())
    bank.accept_pledge(
        line=line, pledge=pledge, part=part, reasons=[str(r) for r in reasons], person=work.person
    )
    return gettext("The line is matched with this pledge. Its gift is taken in.")


def _book(
    request: HttpRequest, work: Workspace, line: StatementLine, forms: dict[str, Any]
) -> str | None:
    form: GiverForm = forms["giver"]
    if not form.is_valid():
        return None
    bank.book_gift(line=line, new=form.new(), part=forms["part"], person=work.person)
    return gettext("The line is a gift now, with the giver that you named.")


def _match_entries(
    request: HttpRequest, work: Workspace, line: StatementLine, forms: dict[str, Any]
) -> str | None:
    form: EntriesForm = forms["entries"]
    if not form.is_valid():
        return None
    bank.match_entries(line=line, keys=form.keys, person=work.person)
    return gettext("The line is matched with what stood in the books.")


def _payout(
    request: HttpRequest, work: Workspace, line: StatementLine, forms: dict[str, Any]
) -> str | None:
    chosen = [one for one in suggesting.payouts_for(line)
              if one.rail_ref == request.POST.get("payout")]  # fmt: skip
    payout: Payout | None = chosen[0] if chosen else None
    if payout is None:
        forms["problem"] = str(bank_words.LINE_NOT_OPEN)
        return None
    bank.accept_payout(line=line, payout=payout, person=work.person)
    return gettext("The payout has arrived at the bank.")


def _cost(
    request: HttpRequest, work: Workspace, line: StatementLine, forms: dict[str, Any]
) -> str | None:
    bank.book_cost(line=line, person=work.person)
    return gettext("The operating account bears it. No fund changes.")


def _ignore(
    request: HttpRequest, work: Workspace, line: StatementLine, forms: dict[str, Any]
) -> str | None:
    form: ReasonForm = forms["ignore"]
    if not form.is_valid():
        return None
    bank.ignore(line=line, reason=form.cleaned_data["reason"], person=work.person)
    return gettext("The line is ignored, for the reason that you gave.")


def _open(
    request: HttpRequest, work: Workspace, line: StatementLine, forms: dict[str, Any]
) -> str | None:
    form: ReasonForm = forms["open"]
    if not form.is_valid():
        return None
    bank.open_again(line=line, reason=form.cleaned_data["reason"], person=work.person)
    return gettext("The line is open again.")


def _undo(
    request: HttpRequest, work: Workspace, line: StatementLine, forms: dict[str, Any]
) -> str | None:
    form: ReasonForm = forms["undo"]
    if not form.is_valid():
        return None
    number = request.POST.get("match", "")
    is_number = number.isascii() and number.isdecimal() and len(number) < 19
    match = line.matches.filter(pk=int(number)).first() if is_number else None
    if match is None:
        raise LineNotOpen(line.pk)
    bank.undo(match=match, reason=form.cleaned_data["reason"], person=work.person)
    return gettext("The match is undone. What it had booked stays where it lies.")


_VERBS: dict[str, Verb] = {
    "accept": _accept,
    "gift": _book,
    "entries": _match_entries,
    "payout": _payout,
    "cost": _cost,
    "ignore": _ignore,
    "open": _open,
    "undo": _undo,
}


def words_of(problem: TreasuryError | GivingError) -> str:
    """What was refused, in the reader's words."""
    language = get_language() or "en"
    match problem:
        case OtherCurrency():
            said = {"currency": problem.currency, "other": problem.other}
            return str(bank_words.OTHER_CURRENCY) % said
        case OtherFund():
            return str(bank_words.OTHER_FUND) % {"fund": problem.fund_code}
        case OtherAmount():
            return _amount_words(problem, language)
        case MatchedElsewhere():
            return str(bank_words.MATCHED_ELSEWHERE)
        case NotOurPayout():
            return str(bank_words.NOT_OUR_PAYOUT)
        case TakenInAlready():
            return str(giving_words.TAKEN_IN) % {"ref": problem.ref}
        case BadGift():
            return str(giving_words.AMOUNT.get(problem.code, giving_words.AMOUNT["amount"]))
        case LineNotOpen() | MovedMeanwhile():
            return str(bank_words.LINE_NOT_OPEN)
    raise problem


def _amount_words(problem: OtherAmount, language: str) -> str:
    return str(bank_words.OTHER_AMOUNT) % {
        "chosen": format_money(problem.chosen_minor, problem.currency, language),
        "open": format_money(problem.open_minor, problem.currency, language),
    }
