"""Reads: bonds, and the twinnings of places."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet

from twinhood.documents.models import HandWitness, Scan
from twinhood.kit import clock
from twinhood.people.core.permissions import Action, RoleName, allowed
from twinhood.people.models import Organisation, Partnership, Person
from twinhood.people.queries import Workspace
from twinhood.places.models import Place
from twinhood.twinnings.core.drafting import BOTH, Side
from twinhood.twinnings.models import (
    Agreement,
    Draft,
    Instrument,
    Milestone,
    Proposal,
    Seat,
    Signature,
    Term,
    Twinning,
)


@dataclass(frozen=True, slots=True)
class Bond:
    """All that is known of the twinning a partnership works on.

    Milestones in the order of their dates; instruments in the order of signing, each with its
    `signature`. `sources` are the public lists and reports that name the twinning.
    """

    twinning: Twinning
    milestones: Sequence[Milestone]
    sources: Sequence[str]
    agreement: Agreement | None
    instruments: Sequence[Instrument]

    @property
    def signatures(self) -> list[Signature]:
        return [instrument.signature for instrument in self.instruments]

    @property
    def is_signed_by_both(self) -> bool:
        """Whether each of the two places has a signature on record."""
        signed = {signature.place.geoname_id for signature in self.signatures}
        return signed >= {self.twinning.a_id, self.twinning.b_id}


def bond(partnership: Partnership) -> Bond | None:
    """Return the bond of a partnership, or None before one is recorded. Four statements."""
    known = Twinning.objects.select_related("a", "b").prefetch_related("milestones", "sources")
    twinning = known.filter(partnership=partnership).first()
    if twinning is None:
        return None
    papers = Instrument.objects.filter(agreement__twinning=twinning, signature__isnull=False)
    instruments = tuple(
        papers.select_related("agreement", "signature__place").order_by("agreement_id", "position")
    )
    return Bond(
        twinning=twinning,
        milestones=in_order(twinning),
        sources=sorted(source.name for source in twinning.sources.all()),
        agreement=instruments[0].agreement if instruments else None,
        instruments=instruments,
    )


def in_order(twinning: Twinning) -> list[Milestone]:
    """The milestones as they came to pass; asks nothing if they were prefetched."""
    return sorted(twinning.milestones.all(), key=lambda m: (m.date, m.pk))


def twinnings_of(place: Place) -> list[Twinning]:
    """Return the place's twinnings with both places, milestones and sources; three statements.

    Those in force and confirmed come first, then by age.
    """
    found = _with_all(Twinning.objects.filter(Q(a=place) | Q(b=place)))
    return sorted(found, key=_importance)


def recorded(*, limit: int) -> list[Twinning]:
    """Return the twinnings recorded here, confirmed ones first; three statements."""
    youngest = F("since_year").desc(nulls_last=True)
    return list(_with_all(Twinning.objects.order_by("-is_confirmed", youngest, "pk"))[:limit])


def count_by_place(geoname_ids: Iterable[int]) -> Counter[int]:
    """Count the twinnings of each place by its GeoNames number; one statement."""
    wanted = set(geoname_ids)
    pairs = Twinning.objects.filter(Q(a__in=wanted) | Q(b__in=wanted)).values_list("a_id", "b_id")
    return Counter(end for pair in pairs for end in pair if end in wanted)


def _with_all(twinnings: QuerySet[Twinning]) -> QuerySet[Twinning]:
    milestones = Prefetch("milestones", Milestone.objects.order_by("date", "pk"))
    return twinnings.select_related("a", "b", "partnership").prefetch_related(milestones, "sources")


def _importance(twinning: Twinning) -> tuple[bool, bool, int, int]:
    is_resting = twinning.state != Twinning.State.IN_FORCE
    return (not twinning.is_confirmed, is_resting, twinning.since_year or 9999, twinning.pk)


# --- who speaks for a city, and agreements on their way


def place_of(partnership: Partnership, side: Side) -> Place:
    is_giving = side == Side.GIVING
    return partnership.giving_place if is_giving else partnership.receiving_place


def side_of(work: Workspace, action: Action) -> Side | None:
    """The city that a person speaks for when doing this; only its administration speaks for it."""
    for role in work.roles:
        speaks = role.organisation.kind == Organisation.Kind.CITY
        if speaks and action in allowed([RoleName(role.name)]):
            for side in BOTH:
                if role.organisation.place_id == place_of(work.partnership, side).pk:
                    return side
    return None


def drafts_of(partnership: Partnership) -> QuerySet[Draft]:
    """Every draft, the newest first, with `open_count` proposals that wait."""
    waits = Count("proposals", filter=Q(proposals__state=Proposal.State.OPEN))
    return (
        Draft.objects.filter(partnership=partnership).annotate(open_count=waits).order_by("-number")
    )


def signatories(partnership: Partnership, side: Side) -> QuerySet[Person]:
    """Whoever holds the role of a signatory for a city today."""
    place = place_of(partnership, side)
    return (
        Person.objects.filter(
            roles__partnership=partnership,
            roles__name=RoleName.SIGNATORY,
            roles__until_date__isnull=True,
            roles__organisation__place=place,
            roles__organisation__kind=Organisation.Kind.CITY,
        )
        .order_by("name", "pk")
        .distinct()
    )


def terms_of(partnership: Partnership, side: Side) -> QuerySet[Term]:
    """Every term of a city's offices, the newest first."""
    terms = Term.objects.filter(
        office__partnership=partnership, office__place=place_of(partnership, side)
    )
    return terms.select_related("office", "person", "delegated_from").order_by("-since_date", "-pk")


def _in_force(terms: QuerySet[Term], day: date) -> QuerySet[Term]:
    return terms.filter(since_date__lte=day).exclude(until_date__lt=day)


def terms_in_force(partnership: Partnership, side: Side, day: date) -> QuerySet[Term]:
    """Terms whose first and last day lie around `day`: own powers before those that were given
    on, the newest first.
    """
    terms = _in_force(terms_of(partnership, side), day)
    return terms.order_by(F("delegated_from").desc(nulls_first=True), "-since_date", "-pk")


# --- papers that are signed


def seats_of(draft: Draft) -> list[Seat]:
    """The seats of the papers that are to be signed, or were, with their slots and signatures.

    Of papers that were frozen anew the last ones; in the order of the papers and their slots.
    """
    related = (
        "slot__signature__revision", "slot__signature__scan", "slot__refusal",
        "frozen__document", "frozen__version__draft__partnership__giving_place",
        "frozen__version__draft__partnership__receiving_place",
        "term__office__place", "term__office__partnership", "term__person", "invitation",
    )  # fmt: skip
    seats = Seat.objects.filter(
        frozen__version__draft=draft, frozen__document__replaced_by__isnull=True
    )
    return list(seats.select_related(*related).order_by("frozen__paper", "slot__position"))


def seat_at_work(partnership: Partnership, pk: int) -> Seat | None:
    """A seat of this partnership, with what `seats_of` brings along."""
    found = Seat.objects.filter(pk=pk, frozen__version__draft__partnership=partnership)
    seat = found.select_related("frozen__version__draft").first()
    if seat is None:
        return None
    seats = seats_of(seat.frozen.version.draft)
    return next((other for other in seats if other.pk == seat.pk), None)


def draft_of_replaced(partnership: Partnership, pk: int) -> Draft | None:
    """The draft of a seat on a paper that was frozen anew since, for whoever has an old letter."""
    replaced = Draft.objects.filter(
        partnership=partnership,
        versions__frozen__seats=pk,
        versions__frozen__document__replaced_by__isnull=False,
    )
    return replaced.first()


def refused_seats(partnership: Partnership) -> QuerySet[Seat]:
    """Places on papers that somebody refused to sign, while the text is not opened again."""
    return _frozen_seats(partnership).filter(slot__refusal__isnull=False)


def _frozen_seats(partnership: Partnership) -> QuerySet[Seat]:
    return Seat.objects.filter(
        frozen__version__draft__partnership=partnership,
        frozen__version__draft__state=Draft.State.FROZEN,
        frozen__document__replaced_by__isnull=True,
    )


def _open_seats(partnership: Partnership) -> QuerySet[Seat]:
    """Places that nobody has signed, on papers that neither city refused."""
    seats = _frozen_seats(partnership).filter(slot__signature__isnull=True)
    return seats.exclude(frozen__document__slots__refusal__isnull=False)


def seats_waiting_for(person: Person, partnership: Partnership) -> QuerySet[Seat]:
    """Places on papers that wait for this person's signature, the oldest first: as whose office it
    is, or with powers that were given on. Nobody is asked to sign what the other city refused.
    """
    given_on = _in_force(Term.objects.filter(person=person), clock.now().date())
    own = Q(term__person=person) | Q(term__in=given_on.values("delegated_from"))
    return _open_seats(partnership).filter(own).order_by("pk")


def scans_to_witness(
    person: Person, organisation: Organisation, partnership: Partnership
) -> QuerySet[Scan]:
    """Scans of papers signed by hand on which this person's word, for this organisation, is
    still wanted: nobody witnesses what they sent in, nor their own hand or one whose powers they
    have, and no two of a body.
    """
    powers = Term.objects.filter(
        Q(pk=OuterRef("term")) | Q(delegated_from=OuterRef("term")), person=person
    )
    seats = _open_seats(partnership).exclude(Exists(powers))
    said = HandWitness.objects.filter(
        Q(person=person) | Q(organisation=organisation), scan=OuterRef("pk")
    )
    found = Scan.objects.filter(slot__in=seats.values("slot")).exclude(entered_by=person)
    return found.exclude(Exists(said))


SIGNABLE = (Draft.State.FROZEN, Draft.State.SIGNED)


def announced(partnership: Partnership) -> list[Draft]:
    """Agreements whose ceremony is public, the newest first."""
    shown = Draft.objects.filter(
        partnership=partnership, announced_at__isnull=False, state__in=SIGNABLE
    )
    return list(shown.order_by("-number"))


def is_announced(draft: Draft) -> bool:
    """Whether its ceremony is public."""
    return draft.announced_at is not None and draft.state in SIGNABLE
