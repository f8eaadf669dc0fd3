"""What rails told us and what came of it; what waits for a person can be handled anew."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_safe

from twinhood.giving import notices as verbs
from twinhood.giving import words
from twinhood.giving.models import Notice, Payout, PayoutPart
from twinhood.giving.rails import BY_CODE
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace

PER_PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Action.TAKE_GIFT)
def notices(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Notices with a problem, or with `?show=all` every one; a POST handles one or all anew."""
    if request.method == "POST":
        return _replayed(request, work)
    waiting = verbs.with_problems(work.partnership)
    shows_all = request.GET.get("show") == "all"
    found = verbs.to_see(work.partnership) if shows_all else waiting
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "work": work,
        "page": page,
        "rows": [_row(notice) for notice in page],
        "shows_all": shows_all,
        "waiting_count": waiting.count(),
        "zone": work.partnership.giving_place.time_zone,
    }
    return render(request, "giving/notices.html", context)


def _row(notice: Notice) -> dict[str, object]:
    rail = BY_CODE.get(notice.rail)
    return {
        "notice": notice,
        "rail": rail.label if rail else notice.rail,
        "outcome": words.OUTCOME.get(notice.outcome, notice.outcome),
        "problem": words.notice_problem(notice.problem),
        "gift": notice.pledge.gift if notice.pledge else None,
    }


def _replayed(request: HttpRequest, work: Workspace) -> HttpResponse:
    chosen = verbs.to_see(work.partnership)
    typed = request.POST.get("notice", "")
    if typed == "problems":
        chosen = verbs.with_problems(work.partnership)
    elif typed.isascii() and typed.isdecimal() and len(typed) < 19:
        chosen = chosen.filter(pk=int(typed))
    else:
        chosen = chosen.none()
    count = verbs.replay(chosen)
    if count:
        sentence = ngettext(
            "%(count)d notice is handled anew. Look again in a moment.",
            "%(count)d notices are handled anew. Look again in a moment.",
            count,
        )
        messages.success(request, sentence % {"count": count})
    else:
        messages.warning(request, gettext("There was nothing to handle anew."))
    return redirect("giving:notices", work.partnership.slug)


@require_safe
@in_workspace(Action.READ_BOOKS)
def payouts(request: HttpRequest, work: Workspace) -> HttpResponse:
    """What rails sent to the bank, with the sum of its parts beside it, newest first."""
    ours = PayoutPart.objects.filter(gift__partnership=work.partnership).values("payout")
    found = Payout.objects.filter(pk__in=ours).order_by("-arrival_date", "-id")
    page = Paginator(found.prefetch_related("parts__gift"), 20).get_page(request.GET.get("page"))
    context = {
        "work": work,
        "page": page,
        "rows": [_payout_row(payout, work) for payout in page],
    }
    return render(request, "giving/payouts.html", context)


def _payout_row(payout: Payout, work: Workspace) -> dict[str, object]:
    """Parts of other partnerships show their sums alone."""
    rail = BY_CODE.get(payout.rail)
    parts = sorted(payout.parts.all(), key=lambda part: (part.happened_at, part.pk))
    own = [p for p in parts if p.gift and p.gift.partnership_id == work.partnership.pk]
    elsewhere = [p for p in parts if p.gift and p.gift.partnership_id != work.partnership.pk]
    return {
        "payout": payout,
        "rail": rail.label if rail else payout.rail,
        "state": words.PAYOUT.get(payout.state, payout.state),
        "parts": [(part, words.PART[part.kind], _part_problem(part)) for part in own],
        "elsewhere_minor": sum(part.net_minor for part in elsewhere),
        "unknown": [
            (part, words.PART[part.kind], _part_problem(part)) for part in parts if not part.gift
        ],
    }


def _part_problem(part: PayoutPart) -> object:
    return words.PART_PROBLEM.get(part.problem, part.problem)
