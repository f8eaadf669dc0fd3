"""The verbs of agreements on their way. Each is one transaction; `at` is an aware UTC time.

Whether a role allows it is asked by the view. What is refused here no role can allow. Nothing is
overwritten: each change is proposed by one side, taken by the other, and makes a new version.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from twinhood.documents.models import StoredFile
from twinhood.kit.fields import LocalText
from twinhood.people.models import Partnership, Person
from twinhood.twinnings import errors
from twinhood.twinnings.core import drafting, model_text
from twinhood.twinnings.core.drafting import Change, Side, Texts
from twinhood.twinnings.models import (
    Comment,
    Draft,
    Mark,
    Office,
    Proposal,
    Step,
    StepPaper,
    Term,
    Version,
)
from twinhood.twinnings.queries import place_of, terms_in_force


@transaction.atomic
def begin(
    *,
    partnership: Partnership,
    kind: Draft.Kind,
    is_companion: bool,
    languages: tuple[str, str],
    by: Person,
    side: Side,
    at: datetime,
    form_key: UUID | None = None,
) -> Draft:
    """Begin a draft with our model's text; its first version is filled from what is known here.

    The same `form_key` again returns the draft that it began.
    """
    Partnership.objects.select_for_update(no_key=True).get(pk=partnership.pk)
    if form_key and (known := Draft.objects.filter(form_key=form_key, opened_by=by).first()):
        return known
    last = Draft.objects.filter(partnership=partnership).aggregate(last=Max("number"))["last"]
    draft = Draft.objects.create(
        partnership=partnership,
        number=(last or 0) + 1,
        kind=kind,
        is_companion=is_companion,
        first_language=languages[0],
        second_language=languages[1],
        opened_by=by,
        opened_for=side,
        opened_at=at,
        form_key=form_key,
    )
    parties = {side: _party(partnership, side, languages, at) for side in drafting.BOTH}
    content = model_text.begun(kind, languages, parties, is_companion=is_companion)
    _write(draft, content, number=1, by=by, at=at, proposal=None)
    return draft


# How the law of a country calls the body that signs, by language; others are named as the city.
_PARTY_NAMES: Mapping[str, Mapping[str, str]] = {
    "UA": {
        "en": "the territorial community (hromada) whose centre is the city of {city}, {region}",
        "uk": "територіальна громада, центром якої є місто {city} ({region})",
    },
    "": {"en": "the City of {city}, {region}", "uk": "місто {city} ({region})"},
}
_NAMES_A_SIGNATORY = {"en": "[[office and name]]", "uk": "[[посада та ім’я]]"}


def _party(
    partnership: Partnership, side: Side, languages: tuple[str, str], at: datetime
) -> model_text.Party:
    place = place_of(partnership, side)
    term = terms_in_force(partnership, side, at.date()).first()
    return model_text.Party(
        city={language: place.name_in(language) for language in languages},
        name=party_names(partnership, side, languages),
        signatory={language: _signatory(term, language) for language in languages},
    )


def party_names(partnership: Partnership, side: Side, languages: Sequence[str]) -> dict[str, str]:
    """How the body that signs for a city is called, in each language."""
    place = place_of(partnership, side)
    forms = _PARTY_NAMES.get(place.country_code, _PARTY_NAMES[""])
    region = LocalText(place.region or {})
    return {
        language: forms.get(language, "{city}, {region}").format(
            city=place.name_in(language), region=region.in_language(language)[0]
        )
        for language in languages
    }


def _signatory(term: Term | None, language: str) -> str:
    if term is None:
        return _NAMES_A_SIGNATORY.get(language, "[[…]]")
    office, holder = term.office.title, term.holder
    return f"{office.in_language(language)[0]}, {holder.in_language(language)[0]}"


def other_that_is_named(content: drafting.Content, term: Term, others: Sequence[Term]) -> str:
    """How the text names another signatory of the same city, and not this one; else empty.

    It compares with the words that our models put in, in the text's languages.
    """
    text = " ".join(t for article in content.articles() for t in article.text.values())

    def named(one: Term) -> str:
        said = (_signatory(one, language) for language in content.languages)
        return next((words for words in said if words in text), "")

    return "" if named(term) else next(filter(None, map(named, others)), "")


def _write(
    draft: Draft,
    content: drafting.Content,
    *,
    number: int,
    by: Person,
    at: datetime,
    proposal: Proposal | None,
) -> Version:
    return Version.objects.create(
        draft=draft,
        number=number,
        content=content.encoded().decode(),
        sha256=content.sha256,
        made_by=by,
        made_at=at,
        proposal=proposal,
    )


def last_version(draft: Draft) -> Version:
    return draft.versions.order_by("-number").select_related("made_by")[0]


def _open(draft: Draft) -> Draft:
    """The draft, locked. Raises WrongState unless it is still being written."""
    draft = Draft.objects.select_for_update(no_key=True).get(pk=draft.pk)
    if draft.state != Draft.State.OPEN:
        raise errors.WrongState
    return draft


@transaction.atomic
def propose(
    *,
    draft: Draft,
    change: Change,
    reason: str,
    by: Person,
    side: Side,
    at: datetime,
    form_key: UUID | None = None,
) -> Proposal:
    """Propose a change. The same `form_key` again returns the proposal that it made.

    Raises WrongState, and CannotChange: the article was changed since it was read, above all.
    """
    draft = _open(draft)
    if form_key and (known := Proposal.objects.filter(form_key=form_key, by=by).first()):
        return known
    if why := drafting.why_not_change(last_version(draft).text, change):
        raise errors.CannotChange(why)
    return Proposal.objects.create(
        draft=draft,
        kind=change.kind,
        article=change.key,
        seen_digest=change.seen_digest,
        heading=LocalText(change.heading),
        text=LocalText(change.text),
        reason=reason,
        side=side,
        by=by,
        made_at=at,
        form_key=form_key,
    )


@transaction.atomic
def accept(*, proposal: Proposal, by: Person, side: Side, at: datetime) -> Version:
    """Take the other side's proposal: it becomes the next version, and agreed marks fall away.

    Raises WrongState, OwnProposal, CannotChange.
    """
    draft = _open(proposal.draft)
    proposal = _undecided(proposal)
    if proposal.side == side or proposal.by_id == by.pk:
        raise errors.OwnProposal
    before = last_version(draft)
    if why := drafting.why_not_change(before.text, proposal.change):
        raise errors.CannotChange(why)
    new_key = _next_key(draft, before)
    content = drafting.changed(before.text, proposal.change, new_key=new_key)
    _decide(proposal, Proposal.State.ACCEPTED, by, at, "")
    return _write(draft, content, number=before.number + 1, by=by, at=at, proposal=proposal)


def _next_key(draft: Draft, last: Version) -> int:
    """A key that no article of this draft ever had: each version adds at most one."""
    keys = [article.key for article in draft.versions.get(number=1).text.articles()]
    return max(keys) + last.number


def _undecided(proposal: Proposal) -> Proposal:
    proposal = Proposal.objects.select_for_update().select_related("draft").get(pk=proposal.pk)
    if proposal.state != Proposal.State.OPEN:
        raise errors.WrongState
    return proposal


def _decide(
    proposal: Proposal, state: Proposal.State, by: Person, at: datetime, reason: str
) -> None:
    proposal.state = state
    proposal.decided_by = by
    proposal.decided_at = at
    proposal.decision_reason = reason
    proposal.save(update_fields=["state", "decided_by", "decided_at", "decision_reason"])


@transaction.atomic
def decline(*, proposal: Proposal, by: Person, side: Side, at: datetime, reason: str) -> Proposal:
    """Decline the other side's proposal with a reason, or withdraw one of the own side.

    Raises WrongState, ReasonMissing.
    """
    _open(proposal.draft)
    proposal = _undecided(proposal)
    is_own = proposal.side == side
    if not is_own and not reason.strip():
        raise errors.ReasonMissing
    state = Proposal.State.WITHDRAWN if is_own else Proposal.State.DECLINED
    _decide(proposal, state, by, at, reason.strip())
    return proposal


def comment(
    *, draft: Draft, article: int, text: str, by: Person, side: Side, at: datetime
) -> Comment:
    """Say something about an article that stands, or stood, in the draft."""
    return Comment.objects.create(
        draft=draft, article=article, text=text, side=side, by=by, made_at=at
    )


@transaction.atomic
def mark_agreed(*, draft: Draft, seen_sha256: str, by: Person, side: Side, at: datetime) -> Mark:
    """Agree, for one side, to exactly the version that was read. Safe to repeat.

    Raises WrongState, OtherVersion, StillProposed, NotReady, MarkedForTheOther.
    """
    draft = _open(draft)
    version = last_version(draft)
    if version.sha256 != seen_sha256:
        raise errors.OtherVersion
    if draft.proposals.filter(state=Proposal.State.OPEN).exists():
        raise errors.StillProposed
    if missing := drafting.gaps(version.text):
        raise errors.NotReady(missing)
    marks = {mark.side: mark for mark in version.marks.all()}
    if known := marks.get(side):
        return known
    if any(mark.by_id == by.pk for mark in marks.values()):
        raise errors.MarkedForTheOther
    return Mark.objects.create(version=version, side=side, by=by, marked_at=at)


@transaction.atomic
def take_mark_back(*, draft: Draft, side: Side) -> None:
    """Agree no more, for one side, while nothing is frozen. Safe to repeat. Raises WrongState."""
    draft = _open(draft)
    last_version(draft).marks.filter(side=side).delete()


@transaction.atomic
def set_aside(*, draft: Draft) -> Draft:
    """Give a draft up; all that was written stays to be read. Raises WrongState."""
    draft = _open(draft)
    draft.state = Draft.State.SET_ASIDE
    draft.save(update_fields=["state"])
    return draft


# --- what a side's law asks for


@transaction.atomic
def record_step(
    *,
    draft: Draft,
    side: Side,
    kind: Step.Kind,
    number: str,
    step_date: date,
    body: str,
    source: str,
    by: Person,
    at: datetime,
    votes: tuple[int | None, int | None, int | None] = (None, None, None),
    papers: Sequence[StoredFile] = (),
) -> Step:
    """Record a decision, an approval, a registration, with the paper that says so.

    `votes`: for, against, abstained; None where not known. `papers`: its scans.
    """
    votes_for, votes_against, votes_abstained = votes
    step = Step.objects.create(
        draft=draft,
        side=side,
        kind=kind,
        number=number,
        step_date=step_date,
        body=body,
        votes_for=votes_for,
        votes_against=votes_against,
        votes_abstained=votes_abstained,
        source=source,
        recorded_by=by,
        recorded_at=at,
    )
    StepPaper.objects.bulk_create(StepPaper(step=step, file=file) for file in papers)
    return step


@transaction.atomic
def strike_step(*, step: Step, reason: str, at: datetime) -> Step:
    """Strike a record out that was wrong, with the reason. Raises WrongState, ReasonMissing."""
    if not reason.strip():
        raise errors.ReasonMissing
    step = Step.objects.select_for_update().get(pk=step.pk)
    if step.struck_at is not None:
        raise errors.WrongState
    step.struck_at = at
    step.struck_reason = reason.strip()
    step.save(update_fields=["struck_at", "struck_reason"])
    return step


# --- offices and powers


@transaction.atomic
def record_term(
    *,
    partnership: Partnership,
    side: Side,
    office: Texts,
    holder: Texts,
    legal_basis: Texts,
    since_date: date,
    by: Person,
    at: datetime,
    until_date: date | None = None,
    act_number: str = "",
    act_date: date | None = None,
    person: Person | None = None,
    delegated_from: Term | None = None,
) -> Term:
    """Record somebody's powers in an office of a side; the office is known by its title."""
    place = place_of(partnership, side)
    Partnership.objects.select_for_update(no_key=True).get(pk=partnership.pk)
    known = Office.objects.filter(partnership=partnership, place=place)
    seat = next((o for o in known if dict(o.title) == dict(office)), None)
    if seat is None:
        seat = Office.objects.create(partnership=partnership, place=place, title=LocalText(office))
    return Term.objects.create(
        office=seat,
        holder=LocalText(holder),
        person=person,
        legal_basis=LocalText(legal_basis),
        act_number=act_number,
        act_date=act_date,
        since_date=since_date,
        until_date=until_date,
        delegated_from=delegated_from,
        recorded_by=by,
        recorded_at=at,
    )


@transaction.atomic
def end_term(*, term: Term, until_date: date, reason: str) -> Term:
    """Say on which day powers end, the last one that counts. Those delegated end with them.

    Raises ReasonMissing, and WrongState for a day before they began or after a known end.
    """
    if not reason.strip():
        raise errors.ReasonMissing
    term = Term.objects.select_for_update().get(pk=term.pk)
    if until_date < term.since_date or (term.until_date and until_date > term.until_date):
        raise errors.WrongState
    term.until_date = until_date
    term.ended_reason = reason.strip()
    term.save(update_fields=["until_date", "ended_reason"])
    for delegated in term.delegations.exclude(until_date__lte=until_date):
        if delegated.since_date <= until_date:
            end_term(term=delegated, until_date=until_date, reason=reason)
    return term
