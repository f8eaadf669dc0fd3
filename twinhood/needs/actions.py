"""The verbs of needs and campaigns. Each is one transaction; `at` is an aware UTC time.

Whoever acts is given with the organisation they act for; whether their role allows it is asked by
the view (`people.queries`). What is refused here no role can allow.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import get_language

from twinhood.documents.models import StoredFile
from twinhood.kit import clock
from twinhood.kit.fields import LocalText
from twinhood.ledger import actions as ledger
from twinhood.ledger.models import Fund
from twinhood.needs import campaigns, errors, renaming, telling
from twinhood.needs.core import checks, freshness
from twinhood.needs.core.checks import Check, Refusal
from twinhood.needs.models import (
    Campaign,
    Confirmation,
    Evidence,
    Institution,
    Need,
    Quote,
    TargetNote,
    Verification,
)
from twinhood.people.identity import same_people
from twinhood.people.models import Organisation, Partnership, Person


@dataclass(frozen=True, slots=True)
class NeedText:
    """What a clerk writes of a need. The price is for one thing, in minor units of `currency`."""

    category: Need.Category
    title: LocalText
    unit_title: LocalText
    why: LocalText
    quantity: int
    unit_price_minor: int
    currency: str
    beneficiary: Organisation
    price_note: LocalText | None = None
    kind: str = ""
    specification: Mapping[str, str] = field(default_factory=dict)
    may_need_licence: bool = False
    priority: Need.Priority = Need.Priority.PLANNED
    needed_by_date: date | None = None
    has_relation: bool | None = None
    relation: str = ""
    why_not_the_same: str = ""


@transaction.atomic
def write_need(
    *,
    partnership: Partnership,
    text: NeedText,
    by: Person,
    organisation: Organisation,
    at: datetime,
    form_key: UUID | None = None,
    files: Sequence[StoredFile] = (),
) -> Need:
    """Write a draft. The same `form_key` again returns the need that it wrote the first time.

    `files` become its evidence, private until somebody says otherwise.
    """
    lock_numbers(partnership)
    if form_key and (known := _written_before(form_key, partnership, by)):
        return known
    last = Need.objects.filter(partnership=partnership).aggregate(last=Max("number"))["last"]
    need = Need(
        partnership=partnership,
        number=(last or 0) + 1,
        written_by=by,
        written_for=organisation,
        written_at=at,
        form_key=form_key,
    )
    _set_text(need, text)
    need.save()
    _add_evidence(need, files, by=by, at=at)
    return need


def lock_numbers(partnership: Partnership) -> None:
    """Let one transaction at a time number things within a partnership."""
    Partnership.objects.select_for_update(no_key=True).get(pk=partnership.pk)


def _written_before(form_key: UUID, partnership: Partnership, by: Person) -> Need | None:
    return Need.objects.filter(form_key=form_key, partnership=partnership, written_by=by).first()


def _set_text(need: Need, text: NeedText) -> None:
    for one in fields(text):
        setattr(need, one.name, getattr(text, one.name))


def _locked(need: Need) -> Need:
    return Need.objects.select_for_update().get(pk=need.pk)


def _expect(need: Need, *states: Need.State) -> None:
    if need.state not in states:
        raise errors.WrongState(str(need), need.state)


@dataclass(frozen=True, slots=True)
class InstitutionText:
    """What a clerk writes of who receives. The head's name is never public."""

    name: LocalText
    registry_code: str
    head_office: LocalText
    head_name: str
    # Why it is called otherwise, where others have checked it by the name before.
    why_renamed: str = ""


@transaction.atomic
def write_institution(
    *,
    partnership: Partnership,
    text: InstitutionText,
    by: Person,
    body: Organisation,
    at: datetime,
    organisation: Organisation | None = None,
) -> Organisation:
    """Write down a beneficiary of the receiving city with its head, or correct one.

    Another name of one that others have checked is proposed to a second person. Raises what
    `renaming.propose` raises.
    """
    if organisation is None:
        organisation = Organisation(
            kind=Organisation.Kind.BENEFICIARY,
            place_id=partnership.receiving_place_id,
            is_example=partnership.is_example,
        )
    if not renaming.is_checked(organisation):
        organisation.name = text.name
    elif organisation.name != text.name:
        renaming.propose(
            organisation=organisation, name=text.name, reason=text.why_renamed, by=by,
            body=body, at=at,
        )  # fmt: skip
    organisation.registry_code = text.registry_code
    organisation.save()
    Institution.objects.update_or_create(
        organisation=organisation,
        defaults={
            "head_office": text.head_office,
            "head_name": text.head_name,
            "written_by": by,
            "written_at": at,
        },
    )
    return organisation


def _add_evidence(need: Need, files: Sequence[StoredFile], *, by: Person, at: datetime) -> None:
    Evidence.objects.bulk_create(
        [
            Evidence(
                need=need,
                file=file,
                kind=Evidence.Kind.LETTER if file.page_count > 1 else Evidence.Kind.PHOTO,
                added_by=by,
                added_at=at,
            )
            for file in files
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def edit_need(
    *,
    need: Need,
    text: NeedText,
    by: Person,
    at: datetime | None = None,
    files: Sequence[StoredFile] = (),
) -> Need:
    """Change a draft's or a submitted need's words; those of the latter lose their checks.

    Raises WrongState for a need that is verified or given up, NotTheWriter for anybody else.
    """
    need = _locked(need)
    _expect(need, Need.State.DRAFT, Need.State.SUBMITTED)
    if need.written_by_id != by.pk:
        raise errors.NotTheWriter
    if need.state == Need.State.SUBMITTED:
        need.revision += 1
    _set_text(need, text)
    need.save()
    _add_evidence(need, files, by=by, at=at or clock.now())
    return need


@transaction.atomic
def submit(*, need: Need, by: Person, at: datetime) -> Need:
    """Hand a draft to those who verify it. Raises WrongState, NotTheWriter."""
    need = _locked(need)
    _expect(need, Need.State.DRAFT)
    if need.written_by_id != by.pk:
        raise errors.NotTheWriter
    need.state = Need.State.SUBMITTED
    need.submitted_at = at
    need.save(update_fields=["state", "submitted_at"])
    return need


@dataclass(frozen=True, slots=True)
class Seen:
    """What a verifier did, and until when the need holds by their word (60 days, unless said)."""

    checked: Collection[Check]
    what_was_seen: str
    register: str = ""
    until_date: date | None = None


@transaction.atomic
def verify(
    *,
    need: Need,
    by: Person,
    organisation: Organisation,
    seen: Seen,
    at: datetime,
    seen_revision: int | None = None,
) -> Verification:
    """Record somebody else's word; the last one that is needed makes the need verified.

    Then the log commits to the need's facts, and to the hashes of what showed it.

    `seen_revision` is the revision that the verifier had before them. Raises MayNotVerify,
    BadDay.
    """
    need = _locked(need)
    earlier = need.verifications.filter(revision=need.revision)
    is_last = earlier.count() + 1 >= need.partnership.verifiers_needed
    refusal = checks.why_not_verify(
        is_submitted=need.state == Need.State.SUBMITTED,
        writer_id=need.written_by_id,
        verifier_id=by.pk,
        verified_by_ids=set(earlier.values_list("verified_by_id", flat=True)),
        same_person_ids=same_people(by),
        is_what_was_seen=seen_revision in (None, need.revision),
    ) or checks.why_checklist_is_short(
        seen.checked,
        register=seen.register,
        is_last=is_last,
        called_before=earlier.filter(checked__contains=[Check.CALLED]).exists(),
    )
    if refusal:
        raise errors.MayNotVerify(refusal)
    until_date = _until(seen.until_date, at)
    verification = Verification.objects.create(
        need=need,
        written_by_id=need.written_by_id,
        verified_by=by,
        organisation=organisation,
        revision=need.revision,
        checked=[check.value for check in Check if check in seen.checked],
        register=seen.register,
        until_date=until_date,
        what_was_seen=seen.what_was_seen,
        verified_at=at,
    )
    if is_last:
        need.state = Need.State.VERIFIED
        need.verified_at = at
        days = earlier.values_list("until_date", flat=True)
        need.confirmed_until_date = min(until_date, *(day for day in days if day))
        need.save(update_fields=["state", "verified_at", "confirmed_until_date"])
        telling.commit(need.partnership, telling.need_facts(need))
        if evidence := list(need.evidence.values_list("file__sha256", flat=True)):
            telling.commit(need.partnership, telling.evidence_facts(need, evidence))
    return verification


def _until(said: date | None, at: datetime) -> date:
    until_date = said or freshness.holds_until(at.date())
    if not freshness.is_day_to_hold_until(until_date, at.date()):
        raise errors.BadDay(until_date)
    return until_date


@transaction.atomic
def confirm(
    *,
    need: Need,
    by: Person,
    organisation: Organisation,
    at: datetime,
    until_date: date | None = None,
    note: str = "",
) -> Confirmation:
    """Say that a verified need is still true, until a day. Raises WrongState, BadDay."""
    need = _locked(need)
    _expect(need, Need.State.VERIFIED)
    confirmation = Confirmation.objects.create(
        need=need,
        confirmed_by=by,
        organisation=organisation,
        confirmed_at=at,
        until_date=_until(until_date, at),
        note=note,
    )
    need.confirmed_until_date = confirmation.until_date
    need.save(update_fields=["confirmed_until_date"])
    return confirmation


@transaction.atomic
def refuse(*, need: Need, by: Person, reason: str) -> Need:
    """Reject a submitted need, with the reason that its writer reads.

    Raises WrongState, ReasonMissing, and MayNotVerify for the writer, who would withdraw it.
    """
    if not reason.strip():
        raise errors.ReasonMissing
    need = _locked(need)
    _expect(need, Need.State.SUBMITTED)
    if need.written_by_id == by.pk:
        raise errors.MayNotVerify(Refusal.WRITER)
    need.state = Need.State.REJECTED
    need.state_reason = reason.strip()
    need.save(update_fields=["state", "state_reason"])
    return need


@transaction.atomic
def withdraw(*, need: Need, reason: str, is_confirmed: bool = False) -> Need:
    """Give a need up, with a reason; it leaves its campaign, whose target falls.

    `is_confirmed`: two people did it, as it must be once money was given for this need alone.
    Raises WrongState, ReasonMissing, MoneyWasGiven.
    """
    if not reason.strip():
        raise errors.ReasonMissing
    need = _locked(need)
    was_verified = need.state == Need.State.VERIFIED
    _expect(need, Need.State.DRAFT, Need.State.SUBMITTED, Need.State.VERIFIED)
    if need.fund is not None and need.fund.head_minor and not is_confirmed:
        raise errors.MoneyWasGiven
    campaign, before_minor = need.campaign, _target_minor(need.campaign)
    need.state = Need.State.WITHDRAWN
    need.state_reason = reason.strip()
    need.campaign = None
    need.save(update_fields=["state", "state_reason", "campaign"])
    _note(campaign, need, TargetNote.Why.REMOVED, before_minor)
    if was_verified:
        telling.commit(need.partnership, telling.withdrawal_facts(need, clock.now()))
    return need


@transaction.atomic
def open_fund(*, need: Need, at: datetime) -> Need:
    """Let donors give for this need alone: open a fund of its own. Safe to repeat.

    Only within a campaign, which says what becomes of the money if the need falls away. Raises
    WrongState.
    """
    need = _locked(need)
    _expect(need, Need.State.VERIFIED)
    if need.campaign is None or need.campaign.state != Campaign.State.OPEN:
        raise errors.WrongState(str(need), need.state)
    if need.fund_id is None:
        need.fund = ledger.open_fund(
            partnership=need.partnership,
            code=f"need-{need.number}",
            currency=need.currency,
            at=at,
        )
        need.save(update_fields=["fund"])
    return need


def add_supplier(*, partnership: Partnership, name: str) -> Organisation:
    """Write down a supplier, named in the language of whoever met it."""
    return Organisation.objects.create(
        kind=Organisation.Kind.SUPPLIER,
        name=LocalText({get_language() or "en": name}),
        is_example=partnership.is_example,
    )


@transaction.atomic
def add_quote(
    *,
    need: Need,
    supplier: Organisation,
    unit_price_minor: int,
    currency: str,
    quoted_date: date,
    by: Person,
    at: datetime,
    valid_until_date: date | None = None,
    note: str = "",
    file: StoredFile | None = None,
) -> Quote:
    """Record a supplier's dated price for one thing. Raises WrongState for a need given up."""
    need = _locked(need)
    _expect(need, Need.State.DRAFT, Need.State.SUBMITTED, Need.State.VERIFIED)
    return Quote.objects.create(
        need=need,
        supplier=supplier,
        unit_price_minor=unit_price_minor,
        currency=currency,
        quoted_date=quoted_date,
        valid_until_date=valid_until_date,
        note=note,
        file=file,
        recorded_by=by,
        recorded_at=at,
    )


@transaction.atomic
def plan_campaign(
    *,
    partnership: Partnership,
    slug: str,
    title: LocalText,
    fund: Fund,
    residents: int,
    residents_source: LocalText,
    slogan_per_head_minor: int,
    slogan_residents: int,
    slogan_source: LocalText,
) -> Campaign:
    """Write a draft of a campaign in the currency of its fund."""
    return Campaign.objects.create(
        partnership=partnership,
        slug=slug,
        title=title,
        currency=fund.currency,
        fund=fund,
        residents=residents,
        residents_source=residents_source,
        slogan_per_head_minor=slogan_per_head_minor,
        slogan_residents=slogan_residents,
        slogan_source=slogan_source,
    )


@transaction.atomic
def set_terms(
    *,
    campaign: Campaign,
    fallback_purpose: LocalText | None,
    surplus_rule: LocalText | None,
    ends_date: date | None,
    costs_per_10k: int = 0,
    costs_note: LocalText | None = None,
    households: int | None = None,
    pupils: int | None = None,
    heads_source: LocalText | None = None,
) -> Campaign:
    """Say what becomes of the rest and when it ends; only before the first gift can be given.

    Raises WrongState once the campaign is open: donors gave under these words.
    """
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if campaign.state != Campaign.State.DRAFT:
        raise errors.WrongState(campaign.slug, campaign.state)
    campaign.fallback_purpose = fallback_purpose
    campaign.surplus_rule = surplus_rule
    campaign.ends_date = ends_date
    campaign.costs_per_10k, campaign.costs_note = costs_per_10k, costs_note
    campaign.households, campaign.pupils = households, pupils
    campaign.heads_source = heads_source
    campaign.save()
    return campaign


@transaction.atomic
def open_campaign(*, campaign: Campaign, today: date) -> Campaign:
    """Let gifts in. Raises CampaignNotReady with what it does not say yet, WrongState."""
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    if campaign.state != Campaign.State.DRAFT:
        raise errors.WrongState(campaign.slug, campaign.state)
    said: Mapping[str, object] = {
        "fallback_purpose": campaign.fallback_purpose,
        "surplus_rule": campaign.surplus_rule,
        "ends_date": campaign.ends_date if (campaign.ends_date or today) > today else None,
        "needs": campaign.needs.exists(),
        "adopted": not campaigns.not_adopted(campaign),
    }
    if missing := [name for name, what in said.items() if not what]:
        raise errors.CampaignNotReady(missing)
    campaign.state = Campaign.State.OPEN
    campaign.save(update_fields=["state"])
    return campaign


@transaction.atomic
def add_to_campaign(*, need: Need, campaign: Campaign) -> Need:
    """Put a verified need at the end of a campaign's line.

    Raises WrongState, OtherCurrency, NotAdopted (of an open campaign). Once there it stays in its
    place if asked again.
    """
    campaign = Campaign.objects.select_for_update().get(
        pk=campaign.pk, partnership=need.partnership_id
    )
    need = _locked(need)
    _expect(need, Need.State.VERIFIED)
    if campaign.state == Campaign.State.CLOSED:
        raise errors.WrongState(campaign.slug, campaign.state)
    if need.currency != campaign.currency:
        raise errors.OtherCurrency(need.currency, campaign.currency)
    if campaign.state == Campaign.State.OPEN and not campaigns.is_adopted(campaign, need):
        raise errors.NotAdopted
    if need.campaign_id != campaign.pk:
        last = campaign.needs.aggregate(last=Max("position"))["last"]
        before_minor = campaigns.target_minor(campaign)
        need.campaign = campaign
        need.position = (last or 0) + 1
        need.save(update_fields=["campaign", "position"])
        _note(campaign, need, TargetNote.Why.ADDED, before_minor)
    return need


@transaction.atomic
def remove_from_campaign(*, need: Need) -> Need:
    """Take a need out of its campaign's line; the target falls."""
    need = _locked(need)
    campaign, before_minor = need.campaign, _target_minor(need.campaign)
    need.campaign = None
    need.save(update_fields=["campaign"])
    _note(campaign, need, TargetNote.Why.REMOVED, before_minor)
    return need


def _target_minor(campaign: Campaign | None) -> int:
    return campaigns.target_minor(campaign) if campaign is not None else 0


def _note(campaign: Campaign | None, need: Need, why: TargetNote.Why, before_minor: int) -> None:
    if campaign is not None:
        campaigns.note_target(
            campaign=campaign, need=need, why=why, before_minor=before_minor, at=clock.now()
        )
