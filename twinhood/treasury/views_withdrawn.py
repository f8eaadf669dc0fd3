"""A need withdrawn after it was funded: its page at the desk, and the list of all."""

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from twinhood.giving import reallocation as withdrawn
from twinhood.giving import withdrawn_money
from twinhood.giving.fields import LineField, fund_title
from twinhood.giving.models import Choice, Gift, Reallocation, Refund
from twinhood.giving.reallocation import CannotReallocate
from twinhood.kit import clock
from twinhood.needs.errors import NeedError
from twinhood.needs.models import Need
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, has_second_factor, in_workspace, to_second_factor
from twinhood.treasury.resolving import propose, resolve

REFUNDS_AT_ONCE = 200
LISTED_MAX = 200
REFUSALS = {
    "no_money": _("No money was given for this need alone, so it can be withdrawn at once."),
    "no_fallback": _(
        "The need is in no campaign of its currency, so no fallback purpose was told beforehand."
    ),
    "same_person": _("Another person than the one who asked must decide."),
    "moved_on": _("It has moved on meanwhile. Look at it again."),
    "too_late": _("The time to choose is over."),
    "too_early": _("Donors can still choose. The board decides after that."),
    "paid": _("This gift was given back already, or is on its way."),
    "refunds_wait": _("Some who asked have not had their money back yet."),
    "grants_wait": _("A grant with a right of return has not been returned yet."),
}


class WithdrawalForm(forms.Form):
    reason = LineField(
        length_max=300,
        label=_("Why it is no longer needed"),
        help_text=_("Donors and everybody else read it."),
        error_messages={"required": _("Say why it is no longer needed.")},
    )
    proof = LineField(
        length_max=300,
        label=_("Which paper shows it"),
        help_text=_("A letter with its number and date. The person who confirms looks at it."),
        error_messages={"required": _("Name the paper that shows it.")},
    )


class ResolutionForm(forms.Form):
    text = LineField(
        length_max=300,
        label=_("What the board decided"),
        help_text=_("With the number of the minutes. Donors whose money moves read it."),
        error_messages={"required": _("Write what the board decided.")},
    )
    day = forms.DateField(
        label=_("Day of the resolution"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Enter the day of the resolution.")},
    )

    def __init__(self, *args: Any, today: date, **more: Any) -> None:
        super().__init__(*args, **more)
        self.today = today

    def clean_day(self) -> date:
        day: date = self.cleaned_data["day"]
        if day > self.today:
            raise forms.ValidationError(_("This day has not come yet."))
        return day


class RefForm(forms.Form):
    """Names a gift of this need: for a donor who wrote or called, and for grants."""

    ref = forms.CharField(
        label=_("Gift number"),
        max_length=32,
        error_messages={"required": _("Enter the number of the gift.")},
    )

    def __init__(self, *args: Any, found: Reallocation, **more: Any) -> None:
        super().__init__(*args, **more)
        self.found = found

    def clean_ref(self) -> Gift:
        ref = self.cleaned_data["ref"].strip().upper()
        gift = withdrawn.concerned(self.found).filter(ref=ref).first()
        if gift is None:
            raise forms.ValidationError(_("No gift of this number was given for this need."))
        return gift


class AnswerForm(RefForm):
    answer = forms.ChoiceField(
        label=_("What the donor wants"),
        choices=[
            (Choice.Answer.REFUND, _("To have it back")),
            (Choice.Answer.STAY, _("That it stays")),
        ],
    )


class GrantForm(RefForm):
    terms = LineField(
        length_max=300,
        label=_("The condition in the grant letter"),
        error_messages={"required": _("Write the condition down.")},
    )


type Forms = dict[str, forms.Form]


@require_safe
@in_workspace(Action.READ_BOOKS)
def reallocations(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Needs that were withdrawn after they were funded, the newest first."""
    found = list(withdrawn.open_reallocations(work.partnership))
    rows = [(one, withdrawn_money.sums(one)) for one in found]
    return render(request, "treasury/withdrawn_list.html", {"work": work, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Action.SEE_DESK)
def reallocation(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Ask, confirm, note what donors say, give back, resolve: each by who may."""
    need = get_object_or_404(
        Need.objects.select_related("fund", "campaign__fund", "partnership"),
        partnership=work.partnership,
        number=number,
    )
    if need.fund is None:
        return redirect("needs:desk_need", work.partnership.slug, number)
    found = withdrawn.reallocation_of(need)
    step = request.POST.get("step", "") if request.method == "POST" else ""
    bound = _forms(work, found, request, step)
    if request.method == "POST":
        _expect_role(work, step)
        if step in MOVES_MONEY and not has_second_factor(request):
            return to_second_factor(request)
        if _done(request, work, need, found, step, bound):
            return redirect("treasury:reallocation", work.partnership.slug, number)
    status = 422 if any(form.errors for form in bound.values()) else 200
    context = _context(work, need, withdrawn.reallocation_of(need), bound)
    return render(request, "treasury/withdrawn.html", context, status=status)


# What each step asks of a person's roles.
STEPS = {
    "ask": Action.WRITE_NEED,
    "confirm": Action.VERIFY_NEED,
    "refuse": Action.VERIFY_NEED,
    "answer": Action.SEE_DONORS,
    "grant": Action.REFUND_GIFT,
    "refund": Action.REFUND_GIFT,
    "return": Action.REFUND_GIFT,
    "resolve": Action.EXCHANGE,
    "move": Action.CONFIRM_REFUND,
}
MOVES_MONEY = {"refund", "return", "move"}


def _expect_role(work: Workspace, step: str) -> None:
    action = STEPS.get(step)
    if action is None or not work.may(action):
        raise PermissionDenied


def _forms(work: Workspace, found: Reallocation | None, request: HttpRequest, step: str) -> Forms:
    today = clock.today_in(work.partnership.giving_place.time_zone)

    def data(name: str) -> Any:
        return request.POST if step == name else None

    made: Forms = {
        "withdrawal": WithdrawalForm(data("ask"), prefix="ask"),
        "resolution": ResolutionForm(
            data("resolve"), prefix="resolve", today=today, initial={"day": today}
        ),
        "plain": forms.Form(data(step) if step in PLAIN else None),
    }
    if found is not None:
        made["answer"] = AnswerForm(data("answer"), prefix="answer", found=found)
        made["grant"] = GrantForm(data("grant"), prefix="grant", found=found)
        made["return"] = RefForm(data("return"), prefix="return", found=found)
    return made


FORM_OF = {"ask": "withdrawal", "resolve": "resolution"}
# Steps that ask for nothing but the button.
PLAIN = {"confirm", "refuse", "refund", "move"}


def _done(
    request: HttpRequest,
    work: Workspace,
    need: Need,
    found: Reallocation | None,
    step: str,
    bound: Forms,
) -> bool:
    form = bound.get(FORM_OF.get(step, step), bound["plain"])
    if not form.is_valid():
        return False
    try:
        said = _act(work, need, found, step, form)
    except CannotReallocate as problem:
        form.add_error(None, REFUSALS[problem.code])
        return False
    except NeedError:
        form.add_error(None, REFUSALS["moved_on"])
        return False
    messages.success(request, said)
    return True


def _act(
    work: Workspace, need: Need, found: Reallocation | None, step: str, form: forms.Form
) -> str:
    """Do one step; return the sentence that says so. Raises CannotReallocate, NeedError."""
    said, person = form.cleaned_data, work.person
    if step == "ask":
        withdrawn.ask(need=need, person=person, reason=said["reason"], proof=said["proof"])
        return gettext("Asked. Another person confirms it.")
    if found is None:
        raise CannotReallocate("moved_on")
    match step:
        case "confirm":
            withdrawn.hold_recurring(withdrawn.confirm(reallocation=found, person=person))
            return gettext("Withdrawn. It takes no gift any more, and its donors are asked.")
        case "refuse":
            withdrawn.refuse(reallocation=found, person=person)
            return gettext("The need stands.")
        case "answer":
            answer = Choice.Answer(said["answer"])
            withdrawn.choose(gift=said["ref"], answer=answer, person=person)
            return gettext("Written down.")
        case "grant":
            withdrawn_money.mark_return_right(gift=said["ref"], terms=said["terms"], person=person)
            return gettext("Written down.")
        case "refund":
            return _refunded(found, work)
        case "return":
            return _returned(said["ref"], work)
        case "resolve":
            propose(reallocation=found, person=person, text=said["text"], day=said["day"])
            return gettext("The resolution is recorded. Another person moves the money.")
    resolve(reallocation=found, person=person)
    return gettext("The money is moved, and donors who stayed are told.")


def _refunded(found: Reallocation, work: Workspace) -> str:
    paid = withdrawn_money.refund_asked(
        reallocation=found, person=work.person, limit=REFUNDS_AT_ONCE
    )
    return gettext("Given back: %(booked)d. Waiting: %(waiting)d. Not possible: %(failed)d.") % {
        "booked": paid.booked,
        "waiting": paid.waiting,
        "failed": paid.failed,
    }


def _returned(gift: Gift, work: Workspace) -> str:
    if not hasattr(gift, "return_right"):
        raise CannotReallocate("moved_on")
    sentences = {
        "booked": gettext("The grant is returned."),
        "waiting": gettext("The return waits for a second person, or for the rail."),
        "failed": gettext("The grant could not be returned. Look at the gift’s own page."),
    }
    return sentences[withdrawn_money.return_grant(gift=gift, person=work.person)]


def _context(
    work: Workspace, need: Need, found: Reallocation | None, bound: Forms
) -> dict[str, Any]:
    context: dict[str, Any] = {"work": work, "need": need, "found": found, "forms": bound}
    context["zone"] = work.partnership.giving_place.time_zone
    context["errors"] = next((form for form in bound.values() if form.errors), None)
    context["may"] = {step: work.may(action) for step, action in STEPS.items()}
    context["reads_books"] = work.may(Action.READ_BOOKS)
    if found is None:
        return context
    asked = (
        Gift.objects.filter(choices__reallocation=found, choices__answer=Choice.Answer.REFUND)
        .order_by("id")
        .distinct()
    )
    back = set(Refund.objects.filter(gift__fund=found.fund_id).values_list("gift_id", flat=True))
    context |= {
        "sums": withdrawn_money.sums(found),
        "fund": fund_title(found.fund),
        "to_fund": fund_title(found.to_fund),
        "is_asker": found.asked_by_id == work.person.pk,
        "is_proposer": found.proposed_by_id == work.person.pk,
        "asked": [(gift, gift.pk in back) for gift in asked[:LISTED_MAX]],
        "unpaid": withdrawn_money.unpaid(found).count(),
        "grants": [(gift, gift.pk in back) for gift in withdrawn_money.grants(found)],
        "why_not": REFUSALS.get(withdrawn_money.why_not_resolve(found), ""),
    }
    return context
