"""What the pages of drafts show: values ready for their templates."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from twinhood.kit import clock
from twinhood.people.models import Partnership
from twinhood.places.models import Place
from twinhood.twinnings.core import law
from twinhood.twinnings.core.difference import Stretch, difference
from twinhood.twinnings.core.drafting import BOTH, Article, Content, Gap, Side, gaps
from twinhood.twinnings.models import Draft, Mark, Proposal, Step, Version
from twinhood.twinnings.queries import place_of
from twinhood.twinnings.words import LANGUAGE_NAMES


@dataclass(frozen=True, slots=True)
class Column:
    """One language of an article."""

    language: str
    heading: str
    text: str

    @property
    def name(self) -> str:
        return LANGUAGE_NAMES.get(self.language, self.language)


@dataclass(frozen=True, slots=True)
class ShownArticle:
    """An article with what waits and was said at it; `number` 0 is the paper's opening."""

    article: Article
    number: int
    columns: Sequence[Column]
    proposals: int
    comments: int


@dataclass(frozen=True, slots=True)
class ShownPaper:
    places: Sequence[Place]
    articles: Sequence[ShownArticle]


def columns(content: Content, article: Article) -> list[Column]:
    return [
        Column(code, article.heading.get(code, ""), article.text.get(code, ""))
        for code in content.languages
    ]


def papers(draft: Draft, content: Content) -> list[ShownPaper]:
    """The papers of a version; two statements for what waits and was said."""
    waiting = draft.proposals.filter(state=Proposal.State.OPEN)
    proposed = Counter(waiting.values_list("article", flat=True))
    said = Counter(draft.comments.values_list("article", flat=True))
    return [
        ShownPaper(
            places=[place_of(draft.partnership, side) for side in paper.signers],
            articles=[
                ShownArticle(
                    article, number, columns(content, article),
                    proposed[article.key], said[article.key],
                )
                for number, article in enumerate(paper.articles)
            ],
        )
        for paper in content.papers
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reworded:
    """One language of a change, word by word."""

    language: str
    heading: Sequence[Stretch]
    text: Sequence[Stretch]

    @property
    def name(self) -> str:
        return LANGUAGE_NAMES.get(self.language, self.language)


def reworded(
    languages: tuple[str, str], before: Article | None, after: Article | None
) -> list[Reworded]:
    """How an article became another; None for one that is not there."""

    def part(article: Article | None, name: str, code: str) -> str:
        return getattr(article, name).get(code, "") if article else ""

    return [
        Reworded(
            code,
            difference(part(before, "heading", code), part(after, "heading", code)),
            difference(part(before, "text", code), part(after, "text", code)),
        )
        for code in languages
    ]


@dataclass(frozen=True, slots=True)
class ShownProposal:
    """A proposal beside the article as it stands, or stood when it was decided."""

    proposal: Proposal
    place: Place
    changes: Sequence[Reworded]
    is_stale: bool
    may_decide: bool
    may_withdraw: bool


def proposals(
    draft: Draft, key: int, content: Content, side: Side | None, person_id: int
) -> list[ShownProposal]:
    """Proposals to one article, those that wait first, then the newest."""
    found = draft.proposals.filter(article=key).select_related("by", "decided_by")
    ordered = sorted(found, key=lambda p: (p.state != Proposal.State.OPEN, -p.pk))
    return [_proposal(draft, proposal, content, side, person_id) for proposal in ordered]


def _proposal(
    draft: Draft, proposal: Proposal, content: Content, side: Side | None, person_id: int
) -> ShownProposal:
    stands = content.article(proposal.article)
    is_new = proposal.kind == Proposal.Kind.ADD
    before = None if is_new else stands
    is_removal = proposal.kind == Proposal.Kind.REMOVE
    after = None if is_removal else Article(proposal.article, proposal.heading, proposal.text)
    is_open = proposal.state == Proposal.State.OPEN and draft.state == Draft.State.OPEN
    is_stale = is_open and not is_new and (not stands or stands.digest != proposal.seen_digest)
    is_own = proposal.side == side
    return ShownProposal(
        proposal=proposal,
        place=place_of(draft.partnership, Side(proposal.side)),
        changes=reworded(content.languages, before, after) if is_open or is_new else
        reworded(content.languages, None, after),
        is_stale=is_stale,
        may_decide=is_open and side is not None and not is_own and proposal.by_id != person_id,
        may_withdraw=is_open and is_own,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ChangedArticle:
    """An article that differs between two versions; a number is None where it is not there."""

    old_number: int | None
    new_number: int | None
    changes: Sequence[Reworded]

    @property
    def is_new(self) -> bool:
        return self.old_number is None

    @property
    def is_gone(self) -> bool:
        return self.new_number is None


def changes_between(before: Content, after: Content) -> list[ChangedArticle]:
    """Articles that differ, in the new order, those that went last."""
    old, new = _numbered(before), _numbered(after)
    keys = [*new, *(key for key in old if key not in new)]
    found = []
    for key in keys:
        old_number, was = old.get(key, (None, None))
        new_number, now = new.get(key, (None, None))
        if was is None or now is None or was.digest != now.digest:
            changed = reworded(after.languages, was, now)
            found.append(ChangedArticle(old_number, new_number, changed))
    return found


def _numbered(content: Content) -> dict[int, tuple[int, Article]]:
    return {
        article.key: (number, article)
        for paper in content.papers
        for number, article in enumerate(paper.articles)
    }


@dataclass(frozen=True, slots=True)
class ShownSide:
    """What one city did for a version: its mark, and what its law asks for."""

    side: Side
    place: Place
    mark: Mark | None
    steps: Sequence[Step]
    is_own: bool


@dataclass(frozen=True, slots=True)
class ShownGap:
    gap: Gap

    @property
    def name(self) -> str:
        return LANGUAGE_NAMES.get(self.gap.language, self.gap.language)


def sides(draft: Draft, version: Version, own: Side | None) -> list[ShownSide]:
    marks = {mark.side: mark for mark in version.marks.select_related("by")}
    steps = list(
        draft.steps.select_related("recorded_by")
        .prefetch_related("papers__file__renditions")
        .order_by("step_date", "pk")
    )
    return [
        ShownSide(
            side=side,
            place=place_of(draft.partnership, side),
            mark=marks.get(side),
            steps=[step for step in steps if step.side == side],
            is_own=side == own,
        )
        for side in BOTH
    ]


def gaps_of(content: Content) -> list[ShownGap]:
    return [ShownGap(gap) for gap in gaps(content)]


def lacks_approval(draft: Draft, dated: date | None = None) -> bool:
    """Whether readers are warned that the ministry's approval is not named."""
    partnership: Partnership = draft.partnership
    approved = draft.steps.filter(kind=Step.Kind.APPROVAL, struck_at=None)
    return law.lacks_approval(
        [place_of(partnership, side).country_code for side in BOTH],
        dated=dated or clock.now().date(),
        has_approval=approved.exclude(number="").exists(),
    )
