"""The desk's pages of needs and the campaign."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from twinhood.kit import clock
from twinhood.needs import actions, errors, forms, queries, words
from twinhood.needs.core import goal
from twinhood.needs.models import Campaign, Need
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace

# The parts of a list, in the order in which they want attention.
PARTS = (
    (Need.State.SUBMITTED, "waiting"),
    (Need.State.DRAFT, "drafts"),
    (Need.State.VERIFIED, "verified"),
)


@require_safe
@in_workspace(Action.SEE_DESK)
def needs(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Every need, what waits for a check first, the oldest on top."""
    everything = queries.needs_of(work.partnership)
    found = [n for n in everything if not _is_hidden(n, work)]
    parts = {name: [n for n in found if n.state == state] for state, name in PARTS}
    parts["waiting"].sort(key=lambda n: (n.submitted_at or n.written_at, n.number))
    given_up = [n for n in found if n.state in (Need.State.WITHDRAWN, Need.State.REJECTED)]
    context = {"work": work, "needed": work.partnership.verifiers_needed, "given_up": given_up}
    return render(request, "needs/list.html", context | parts | {"is_empty": not found})


@in_workspace(Action.WRITE_NEED)
def new(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Write a need; what is sent twice is written once."""
    form = forms.NeedForm(request.POST or None, partnership=work.partnership)
    if request.method == "POST" and form.is_valid():
        need = actions.write_need(
            partnership=work.partnership,
            text=form.text(),
            by=work.person,
            organisation=work.organisation_for(Action.WRITE_NEED),
            at=clock.now(),
            form_key=form.cleaned_data["form_key"],
        )
        messages.success(request, _("Saved as a draft. Nobody else sees it before you submit it."))
        return redirect("needs:desk_need", work.partnership.slug, need.number)
    return _form_page(request, "needs/form.html", {"work": work, "form": form})


@in_workspace(Action.WRITE_NEED)
def edit(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Change a need; if it was submitted, its checks begin anew."""
    need = _need(work, number)
    if need.written_by_id != work.person.pk or need.state not in (
        Need.State.DRAFT,
        Need.State.SUBMITTED,
    ):
        return _told(request, work, number, words.NOT_THE_WRITER)
    form = forms.NeedForm(request.POST or None, partnership=work.partnership, need=need)
    if request.method == "POST" and form.is_valid():
        return _tried(
            request,
            work,
            number,
            lambda: actions.edit_need(need=need, text=form.text(), by=work.person),
            _("Saved."),
        )
    return _form_page(request, "needs/form.html", {"work": work, "form": form, "need": need})


def _form_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, context, status=422 if context["form"].is_bound else 200)


def _need(work: Workspace, number: int) -> Need:
    """The need of this number, drafts of others excepted."""
    need = queries.need_at_work(work.partnership, number)
    if need is None or _is_hidden(need, work):
        raise Http404
    return need


def _is_hidden(need: Need, work: Workspace) -> bool:
    """A draft is its writer's alone."""
    return need.state == Need.State.DRAFT and need.written_by_id != work.person.pk


@require_safe
@in_workspace(Action.SEE_DESK)
def desk_need(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """One need with its evidence, and what this person may do about it."""
    return _detail(request, work, _need(work, number), {})


def _detail(
    request: HttpRequest, work: Workspace, need: Need, bound: dict[str, Any]
) -> HttpResponse:
    checks = need.present_checks  # type: ignore[attr-defined]
    is_writer = need.written_by_id == work.person.pk
    is_waiting = need.state == Need.State.SUBMITTED
    has_checked = work.person.pk in {c.verified_by_id for c in checks}
    campaign = queries.campaign_of(work.partnership)
    context = {
        "work": work,
        "need": need,
        "checks": checks,
        "needed": work.partnership.verifiers_needed,
        "similar": queries.similar_needs(need)[:3] if is_waiting else [],
        "is_writer": is_writer,
        "has_checked": has_checked,
        "may_verify": work.may(Action.VERIFY_NEED)
        and is_waiting
        and not is_writer
        and not has_checked,
        "may_edit": is_writer and (is_waiting or need.state == Need.State.DRAFT),
        "may_withdraw": _may_withdraw(work, need)
        and need.state in (Need.State.DRAFT, Need.State.SUBMITTED, Need.State.VERIFIED),
        "may_quote": (work.may(Action.WRITE_NEED) or work.may(Action.PROPOSE_ORDER))
        and need.state not in (Need.State.WITHDRAWN, Need.State.REJECTED),
        "campaign": campaign,
        "may_place": work.may(Action.RUN_CAMPAIGN)
        and campaign is not None
        and campaign.state != Campaign.State.CLOSED
        and need.state == Need.State.VERIFIED,
        "may_open_fund": work.may(Action.RUN_CAMPAIGN)
        and need.fund_id is None
        and need.state == Need.State.VERIFIED
        and need.campaign is not None
        and need.campaign.state == Campaign.State.OPEN,
        "has_money": need.fund is not None and need.fund.head_minor > 0,
        "public_from": queries.public_from(need),
        "verification_form": forms.VerificationForm(
            initial={"seen_revision": need.revision}, prefix="check"
        ),
        "refusal_form": forms.ReasonForm(prefix="refusal"),
        "withdrawal_form": forms.ReasonForm(prefix="withdrawal"),
        "quote_form": forms.QuoteForm(need=need, today=_today(work), prefix="quote"),
    }
    status = 422 if bound else 200
    return render(request, "needs/detail.html", context | bound, status=status)


def _may_withdraw(work: Workspace, need: Need) -> bool:
    """Whoever asked, or who would receive it, may say that it is needed no more."""
    askers = {need.written_for_id, need.beneficiary_id}
    return any(role.organisation_id in askers for role in work.roles) and work.may(
        Action.WRITE_NEED
    )


def _today(work: Workspace) -> Any:
    return clock.today_in(work.partnership.receiving_place.time_zone)


def _told(request: HttpRequest, work: Workspace, number: int, sentence: Any) -> HttpResponse:
    messages.error(request, sentence)
    return redirect("needs:desk_need", work.partnership.slug, number)


def _tried(
    request: HttpRequest,
    work: Workspace,
    number: int,
    act: Callable[[], object],
    done: str,
) -> HttpResponse:
    """Do it and say so, or say what forbids it; then show the need as it is now."""
    try:
        act()
    except errors.NeedError as problem:
        return _told(request, work, number, sentence_for(problem))
    messages.success(request, done)
    return redirect("needs:desk_need", work.partnership.slug, number)


def sentence_for(problem: errors.NeedError) -> str:
    """What a person reads when the rules refuse."""
    match problem:
        case errors.MayNotVerify(refusal=refusal):
            return str(words.VERIFY_REFUSED[refusal])
        case errors.OtherCurrency(need_currency=need, campaign_currency=campaign):
            return str(words.OTHER_CURRENCY) % {"need": need, "campaign": campaign}
        case errors.CampaignNotReady(missing=missing):
            return " ".join(str(words.CAMPAIGN_LACKS[name]) for name in missing)
        case errors.NotTheWriter():
            return str(words.NOT_THE_WRITER)
        case errors.MoneyWasGiven():
            return str(words.MONEY_WAS_GIVEN)
        case errors.ReasonMissing():
            return str(words.REASON_MISSING)
    return str(words.WRONG_STATE)


@require_POST
@in_workspace(Action.WRITE_NEED)
def submission(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    need = _need(work, number)
    return _tried(
        request,
        work,
        number,
        lambda: actions.submit(need=need, by=work.person, at=clock.now()),
        _("Submitted. Others check it now."),
    )


@require_POST
@in_workspace(Action.VERIFY_NEED)
def verification(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Say that the need is true; the writer is told why they cannot."""
    need = _need(work, number)
    form = forms.VerificationForm(request.POST, prefix="check")
    if not form.is_valid():
        return _detail(request, work, need, {"verification_form": form})
    return _tried(
        request,
        work,
        number,
        lambda: actions.verify(
            need=need,
            by=work.person,
            organisation=work.organisation_for(Action.VERIFY_NEED),
            what_was_seen=form.cleaned_data["what_was_seen"],
            at=clock.now(),
            seen_revision=form.cleaned_data["seen_revision"],
        ),
        _("Your check is recorded."),
    )


@require_POST
@in_workspace(Action.VERIFY_NEED)
def refusal(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    need = _need(work, number)
    form = forms.ReasonForm(request.POST, prefix="refusal")
    if not form.is_valid():
        return _detail(request, work, need, {"refusal_form": form})
    reason = form.cleaned_data["reason"]
    return _tried(
        request,
        work,
        number,
        lambda: actions.refuse(need=need, by=work.person, reason=reason),
        _("Rejected. The writer reads your reason."),
    )


@require_POST
@in_workspace(Action.WRITE_NEED)
def withdrawal(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    need = _need(work, number)
    if not _may_withdraw(work, need):
        raise PermissionDenied
    form = forms.ReasonForm(request.POST, prefix="withdrawal")
    if not form.is_valid():
        return _detail(request, work, need, {"withdrawal_form": form})
    reason = form.cleaned_data["reason"]
    return _tried(
        request,
        work,
        number,
        lambda: actions.withdraw(need=need, reason=reason),
        _("Withdrawn."),
    )


@require_POST
@in_workspace(Action.PROPOSE_ORDER)
def quotes(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Record a supplier's price; clerks and treasurers do."""
    need = _need(work, number)
    form = forms.QuoteForm(request.POST, need=need, today=_today(work), prefix="quote")
    if not form.is_valid():
        return _detail(request, work, need, {"quote_form": form})
    given = form.cleaned_data

    def record() -> None:
        supplier = given["supplier"] or actions.add_supplier(
            partnership=work.partnership, name=given["new_supplier"]
        )
        actions.add_quote(
            need=need,
            supplier=supplier,
            unit_price_minor=given["unit_price_minor"],
            currency=given["currency"],
            quoted_date=given["quoted_date"],
            valid_until_date=given["valid_until_date"],
            note=given["note"],
            by=work.person,
            at=clock.now(),
        )

    return _tried(request, work, number, record, _("The quote is recorded."))


@require_POST
@in_workspace(Action.RUN_CAMPAIGN)
def campaign_place(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Put a need at the end of the campaign's line, or take it out (`leave`)."""
    need = _need(work, number)
    campaign = queries.campaign_of(work.partnership)
    if campaign is None:
        raise Http404
    if "leave" in request.POST:
        return _tried(
            request,
            work,
            number,
            lambda: actions.remove_from_campaign(need=need),
            _("Taken out of the campaign."),
        )
    return _tried(
        request,
        work,
        number,
        lambda: actions.add_to_campaign(need=need, campaign=campaign),
        _("Put into the campaign."),
    )


@require_POST
@in_workspace(Action.RUN_CAMPAIGN)
def fund(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Let donors give for this need alone."""
    need = _need(work, number)
    return _tried(
        request,
        work,
        number,
        lambda: actions.open_fund(need=need, at=clock.now()),
        _("Donors can give for this need alone now."),
    )


@in_workspace(Action.RUN_CAMPAIGN)
def campaign(request: HttpRequest, work: Workspace) -> HttpResponse:
    """What the campaign says, its sums, and the door that opens it."""
    found = queries.campaign_of(work.partnership)
    if found is None:
        return render(request, "needs/no_campaign.html", {"work": work})
    form = forms.TermsForm(request.POST or None, campaign=found)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            found = actions.set_terms(
                campaign=found,
                fallback_purpose=given["fallback_purpose"],
                surplus_rule=given["surplus_rule"],
                ends_date=given["ends_date"],
            )
            if "open" in request.POST:
                actions.open_campaign(campaign=found, today=_today(work))
                messages.success(request, _("The campaign is open: gifts can come in."))
            else:
                messages.success(request, _("Saved."))
        except errors.NeedError as problem:
            messages.error(request, _campaign_sentence(problem))
        return redirect("needs:campaign", work.partnership.slug)
    return _form_page(request, "needs/campaign.html", _campaign_context(work, found, form))


def _campaign_sentence(problem: errors.NeedError) -> str:
    if isinstance(problem, errors.WrongState):
        return str(words.CAMPAIGN_WRONG_STATE)
    return sentence_for(problem)


def _campaign_context(work: Workspace, found: Campaign, form: forms.TermsForm) -> dict[str, Any]:
    asked = list(queries.campaign_needs(found, at=None))
    items = queries.items_of(asked, {})
    slogan = goal.Slogan(found.slogan_per_head_minor, found.slogan_residents)
    return {
        "work": work,
        "campaign": found,
        "form": form,
        "needs": asked,
        "target_minor": goal.target_minor(items),
        "each_minor": goal.each_resident_minor(items, found.residents, found.currency),
        "slogan": slogan,
        "is_draft": found.state == Campaign.State.DRAFT,
    }
