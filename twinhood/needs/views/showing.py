"""A need's page at the desk: what is known of it, and what this person may do about it."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from twinhood.needs import forms, queries, renaming
from twinhood.needs.core import catalogue
from twinhood.needs.models import Campaign, Change, Institution, Need
from twinhood.people.case import Case, told
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace

SIMILAR_MAX = 3
ALIVE = (Need.State.DRAFT, Need.State.SUBMITTED, Need.State.VERIFIED)


def is_asker(work: Workspace, need: Need) -> bool:
    """Whoever asked, or who would receive it: they say whether and what is still needed."""
    askers = {need.written_for_id, need.beneficiary_id}
    return work.may(Action.WRITE_NEED) and any(
        role.organisation_id in askers for role in work.roles
    )


def may_confirm(work: Workspace, need: Need) -> bool:
    """Whether this person may say that a verified need is still true."""
    is_verifier = work.may(Action.VERIFY_NEED) and need.written_by_id != work.person.pk
    return need.state == Need.State.VERIFIED and (is_asker(work, need) or is_verifier)


def need_page(
    request: HttpRequest, work: Workspace, need: Need, bound: dict[str, Any]
) -> HttpResponse:
    """The page; `bound` are forms that came back with something to mend."""
    today = work.partnership.receiving_today
    change = queries.open_change(need) if need.state == Need.State.VERIFIED else None
    context = (
        {"work": work, "need": need, "change": change}
        | {"case": told(Case(work.partnership, need.number, today))}
        | _known(work, need, today)
        | _may(work, need, change)
        | _forms(work, need, today)
    )
    # A checklist that came back is looked at beside the need as it is now.
    status = 422 if bound else 200
    problem = next((form for form in bound.values() if form.errors), None)
    return render(
        request, "needs/detail.html", context | bound | {"problem": problem}, status=status
    )


def _known(work: Workspace, need: Need, today: date) -> dict[str, Any]:
    is_waiting = need.state == Need.State.SUBMITTED
    return {
        "checks": need.present_checks,  # type: ignore[attr-defined]
        "needed": work.partnership.verifiers_needed,
        "similar": _similar(work, need) if is_waiting else [],
        "answers": catalogue.answered(need.kind, need.specification),
        "kind": catalogue.kinds().get(need.kind),
        "institution": Institution.objects.filter(organisation=need.beneficiary_id).first(),
        "renaming": renaming.waiting_for(need.beneficiary),
        "former_names": renaming.former_names(need.beneficiary),
        "changes": list(queries.changes_of(need)) if need.verified_at else [],
        "price_stale_since": queries.stale_prices([need], today).get(need.pk),
        "unconfirmed_since": queries.unconfirmed_since(need, today),
        "campaign": queries.campaign_of(work.partnership),
        "has_money": need.fund is not None and need.fund.head_minor > 0,
        "public_from": queries.public_from(need),
    }


def _similar(work: Workspace, need: Need) -> list[Need]:
    found = queries.similar_needs(
        work.partnership, queries.looks_of(need), by=work.person, besides=Q(pk=need.pk)
    )
    return list(found[:SIMILAR_MAX])


def _may(work: Workspace, need: Need, change: Change | None) -> dict[str, Any]:
    is_writer = need.written_by_id == work.person.pk
    is_waiting = need.state == Need.State.SUBMITTED
    is_verified = need.state == Need.State.VERIFIED
    checks = need.present_checks  # type: ignore[attr-defined]
    has_checked = work.person.pk in {c.verified_by_id for c in checks}
    campaign = queries.campaign_of(work.partnership)
    runs_campaign = work.may(Action.RUN_CAMPAIGN) and is_verified
    return {
        "is_writer": is_writer,
        "has_checked": has_checked,
        "may_verify": work.may(Action.VERIFY_NEED)
        and is_waiting
        and not is_writer
        and not has_checked,
        "may_edit": is_writer and (is_waiting or need.state == Need.State.DRAFT),
        "may_edit_institution": work.may(Action.WRITE_NEED)
        and need.beneficiary.place_id == work.partnership.receiving_place_id,
        "may_withdraw": is_asker(work, need) and need.state in ALIVE,
        "may_confirm": may_confirm(work, need),
        "may_change": is_asker(work, need) and is_verified and change is None,
        "may_decide": work.may(Action.VERIFY_NEED)
        and change is not None
        and change.proposed_by_id != work.person.pk,
        "may_say_evidence": is_writer if not is_verified else is_asker(work, need),
        "may_quote": (work.may(Action.WRITE_NEED) or work.may(Action.PROPOSE_ORDER))
        and need.state in ALIVE,
        "may_place": runs_campaign
        and campaign is not None
        and campaign.state != Campaign.State.CLOSED,
        "may_open_fund": runs_campaign
        and need.fund_id is None
        and need.campaign is not None
        and need.campaign.state == Campaign.State.OPEN,
    }


def _forms(work: Workspace, need: Need, today: date) -> dict[str, Any]:
    may_drop = need.state in (Need.State.DRAFT, Need.State.SUBMITTED)
    return {
        "verification_form": forms.VerificationForm(
            initial={"seen_revision": need.revision}, prefix="check", today=today
        ),
        "refusal_form": forms.ReasonForm(prefix="refusal"),
        "withdrawal_form": forms.ReasonForm(prefix="withdrawal"),
        "confirmation_form": forms.ConfirmationForm(prefix="holds", today=today),
        "change_form": forms.ChangeForm(need=need, prefix="change"),
        "evidence_form": forms.EvidenceForm(
            pieces=list(queries.evidence_of(need)), may_drop=may_drop, prefix="evidence"
        ),
        "quote_form": forms.QuoteForm(need=need, today=today, by=work.person, prefix="quote"),
    }
