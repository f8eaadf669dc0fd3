"""From a filled-in form to a settled gift: the verbs of a pledge. Each is one transaction.

A rail calls `start`, `settle`, `fail` and `expire` when it learns of something, in whatever order
and however often; what the pledge is afterwards does not depend on either.
"""

import logging
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from django.db import transaction

from twinhood.giving import actions, errors, limits, teams
from twinhood.giving.core import names, pledged, reference
from twinhood.giving.core.offline import OfflineGift
from twinhood.giving.core.pledged import Choice, Told
from twinhood.giving.core.sealing import DonorFacts, NotOurs
from twinhood.giving.keeping import Form, Known, hexed, keep
from twinhood.giving.keys import (
    MasterKeys,
    index_of,
    link_bytes,
    link_secret,
    master_keys,
    new_donor_key,
    open_donor,
    open_words,
    seal_donor,
    seal_facts,
    seal_words_with,
    unwrapped,
)
from twinhood.giving.models import KEY, Donor, Gift, Pledge, RecurringGift, RecurringPeriod
from twinhood.kit import clock
from twinhood.kit.money import format_number
from twinhood.people.models import Partnership

logger = logging.getLogger(__name__)

TRIES_MAX = 5


@dataclass(frozen=True)
class Made:
    """A pledge and the donor's secret for its page; `is_new` is False for a form sent again."""

    pledge_id: int
    secret: str
    is_new: bool

    @cached_property
    def pledge(self) -> Pledge:
        """Read when it is asked for: a donor who is sent on waits for no reading."""
        return Pledge.objects.get(pk=self.pledge_id)


def make(
    *,
    partnership: Partnership,
    form_key: UUID,
    choice: Choice,
    at: datetime | None = None,
    keys: MasterKeys | None = None,
    sent_from: bytes | None = None,
    count: limits.Count | None = None,
    is_started: bool = False,
    number_below: Callable[[int], int] = secrets.randbelow,
) -> Made:
    """Keep a filled-in form. The same form sent twice is one pledge.

    `sent_from` is `limits.sent_from` of the request; with `count` the form is counted, and kept
    only if few enough came from there. `is_started` spares a rail that pays on our own page the
    `start`. Raises FormSentOtherwise for a `form_key` that came with other entries, HasToWait,
    DonorKeysMissing.
    """
    at, keys = at or clock.now(), keys or master_keys()
    secret = link_bytes(_link_of(form_key), keys)
    form = {
        **_entries(choice),
        **_counted(count),
        "partnership_id": partnership.pk,
        "form_key": str(form_key),
        "form_digest": hexed(pledged.digest_of(choice, key=keys.indexing)),
        "secret_hash": hexed(names.hash_of(secret)),
        "sent_from": hexed(sent_from),
        "state": "started" if is_started else "made",
        "made_at": at.isoformat(),
    }
    known = None
    for _ in range(TRIES_MAX):
        form["reference"] = reference.reference_for(number_below(reference.NUMBER_MAX + 1))
        kept = keep(form | _sealed(choice, partnership.pk, known, keys))
        if kept.pledge_id is not None:
            _note_team(kept.pledge_id, choice)
            return Made(kept.pledge_id, names.secret_from(secret), is_new=True)
        if count is not None and kept.forms >= count.below:
            raise errors.HasToWait(kept.forms)
        if kept.stands:
            return _same(form_key, choice, keys)
        # A donor whose address is known, or the same number: again, but counted once.
        known, count = kept.known, None
        form |= _counted(None)
    raise RuntimeError("no free reference: the source of randomness repeats itself")


def _same(form_key: UUID, choice: Choice, keys: MasterKeys) -> Made:
    known = Pledge.objects.get(form_key=form_key)
    if bytes(known.form_digest) != pledged.digest_of(choice, key=keys.indexing):
        raise errors.FormSentOtherwise(known.reference)
    _note_team(known.pk, choice)
    return Made(known.pk, secret_of(known, keys), is_new=False)


def _note_team(pledge_id: int, choice: Choice) -> None:
    """With which team it was made: apart from the pledge, so that the others wait for nothing."""
    if choice.team_id is not None:
        teams.note(pledge_id=pledge_id, team_id=choice.team_id)


def _entries(choice: Choice) -> Form:
    """What stands in the pledge as it was chosen."""
    return {
        "fund_id": choice.fund_id,
        "need_id": choice.need_id,
        "rail": choice.rail,
        "shows_name": choice.shows_name and bool(choice.told.name),
        "tells_organiser": choice.tells_organiser,
        "amount_minor": choice.amount_minor,
        "cover_minor": choice.cover_minor,
        "currency": choice.currency,
        "rhythm": "monthly" if choice.is_monthly else "once",
        "purpose": choice.purpose,
        "rule": choice.rule,
        "has_gift_aid": choice.has_gift_aid,
        "language": choice.language,
    }


def _counted(count: limits.Count | None) -> Form:
    if count is None:
        return {"tally_key": None}
    return {
        "tally_key": hexed(count.key),
        "tally_ends_at": count.ends_at.isoformat(),
        "tally_below": count.below,
    }


def _sealed(choice: Choice, partnership_id: int, known: Known | None, keys: MasterKeys) -> Form:
    """All that names a person, sealed: by the key of the donor who is known, or of a new one.

    Whether somebody is known is not asked before: who gives for the first time is served at once,
    and whoever is found to be known comes again with their key. A form proves nothing, so what is
    known of a donor is not changed before money comes.
    """
    told = choice.told
    if told == Told():
        return {}
    form: Form = {}
    key = keys.wrapping
    if told.email:
        form["email_index"] = hexed(index_of(told.email, partnership_id, keys))
    if known is not None:
        key = unwrapped(known.wrapped_key, partnership_id, keys)
        form |= {"donor_id": known.donor_id, "wrapped_key": hexed(known.wrapped_key)}
    elif told.donor != DonorFacts():
        key, wrapped = new_donor_key(partnership_id, keys)
        form["wrapped_key"] = hexed(wrapped)
        form["sealed"] = hexed(seal_facts(told.donor, key, partnership_id))
    words = seal_words_with(key, pledged.told_to_bytes(told), partnership_id)
    return form | {"sealed_words": hexed(words)}


def _link_of(form_key: UUID) -> str:
    return f"pledge:{form_key}"


def secret_of(pledge: Pledge, keys: MasterKeys | None = None) -> str:
    """The donor's link to a pledge, and to the first gift that came of it."""
    return link_secret(_link_of(pledge.form_key), keys or master_keys())


def secret_of_gift(gift: Gift, keys: MasterKeys | None = None) -> str | None:
    """The donor's link to a gift, for a letter; None where we cannot know it.

    That is so for gifts which did not come of a pledge, and for links that were renewed.
    """
    keys = keys or master_keys()
    pledge = Pledge.objects.filter(gift=gift).first()
    candidates = [link_secret(f"gift:{gift.rail}:{gift.intake_key}", keys)]
    if pledge is not None:
        candidates.append(secret_of(pledge, keys))
    digest = bytes(gift.secret_hash)
    return next((secret for secret in candidates if names.secret_hash(secret) == digest), None)


def told_with(pledge: Pledge, keys: MasterKeys | None = None) -> Told:
    """What the donor told with this pledge; nothing once it, or the donor, was forgotten."""
    if pledge.sealed_words is None:
        return Told()
    keys = keys or master_keys()
    sealed = bytes(pledge.sealed_words)
    try:
        plain = open_words(sealed, pledge.donor, pledge.partnership_id, keys)
    except NotOurs:
        return Told()
    return pledged.told_from_bytes(plain)


def pledge_by_secret(secret: str) -> Pledge | None:
    """The pledge to which a donor's link belongs, with its fund, gift and partnership."""
    digest = names.secret_hash(secret)
    if digest is None:
        return None
    related = (
        "fund", "need", "gift", "donor", "partnership__giving_place",
        "partnership__receiving_place", "partnership__recipient",
    )  # fmt: skip
    return Pledge.objects.select_related(*related).filter(secret_hash=digest).first()


def entries_of(pledge: Pledge) -> dict[str, str]:
    """What was filled in, as the giving page's form names it: to change something and try again."""
    told = told_with(pledge)
    purpose = f"need-{pledge.need.number}" if pledge.need else f"campaign-{pledge.currency.lower()}"
    gift_minor = pledge.amount_minor - pledge.cover_minor
    typed = format_number(gift_minor, pledge.currency, pledge.language)
    switches = {
        "cover": pledge.cover_minor > 0,
        "shows_name": pledge.shows_name,
        "tells_organiser": pledge.tells_organiser,
        "gift_aid": pledge.has_gift_aid,
    }
    return {
        "what": purpose,
        "rhythm": pledge.rhythm,
        "amount": "other",
        "other": typed,
        "rule": pledge.rule,
        "team": pledge.with_team.team.slug if hasattr(pledge, "with_team") else "",
        **asdict(told),
        **{name: "on" for name, is_on in switches.items() if is_on},
    }


def start(pledge: Pledge, *, rail_ref: str, at: datetime | None = None) -> Pledge:
    """The rail knows of it, by this name; a failed or expired one is begun anew."""
    if pledge.state == Pledge.State.STARTED and pledge.rail_ref == rail_ref:
        return pledge
    with transaction.atomic():
        return _started(pledge, rail_ref, at)


def _started(pledge: Pledge, rail_ref: str, at: datetime | None) -> Pledge:
    locked = _locked(pledge)
    if locked.state != Pledge.State.SETTLED:
        locked.state, locked.problem = Pledge.State.STARTED, ""
        locked.rail_ref = rail_ref
        _save(locked, at)
    return locked


@transaction.atomic
def settle(
    pledge: Pledge,
    *,
    rail_key: str,
    amount_minor: int,
    fee_minor: int,
    currency: str,
    received_date: date,
    at: datetime | None = None,
    period_begins: date | None = None,
) -> actions.Intake:
    """Take the pledge's money in as a gift. Safe to repeat, and in any order.

    `rail_key` is the rail's own name of this payment; `received_date` is a day where the giving
    side lives, `at` when it counts as settled (now). The first payment is the pledge's gift; for a
    monthly one, `period_begins` names its period, and its RecurringGift must stand already.
    `amount_minor` may differ from what was pledged: what came is what is booked. Raises BadGift,
    TakenInAlready, NotRecurring, PeriodPaidAlready.
    """
    locked = _locked(pledge)
    recurring = _recurring(locked, period_begins, rail_key)
    keys = master_keys()
    secret = secret_of(locked, keys)
    if locked.gift_id is not None:
        secret = link_secret(f"gift:{locked.rail}:{rail_key}", keys)
    told = told_with(locked, keys)
    row = OfflineGift(
        rail=locked.rail,
        intake_key=rail_key,
        fund_code=locked.fund.code,
        amount_minor=amount_minor,
        fee_minor=fee_minor,
        currency=currency,
        received_date=received_date,
        donor=told.donor,
        donor_language=locked.language,
        shows_name=locked.shows_name and bool(told.name),
        purpose=locked.purpose,
    )
    taken = actions.intake(fund=locked.fund, row=row, donor=locked.donor, at=at, secret=secret)
    _note_gift(locked, taken, rail_key, at)
    if recurring is not None and period_begins is not None:
        RecurringPeriod.objects.get_or_create(
            recurring=recurring, begins_date=period_begins, defaults={"gift_id": taken.gift_id}
        )
    if taken.new is not None:
        _learn(locked.donor, told.donor, keys)
        logger.info(
            "giving.settled rail=%s pledge=%s source=%s", locked.rail, locked, KEY + taken.ref
        )
    return taken


def _note_gift(pledge: Pledge, taken: actions.Intake, rail_key: str, at: datetime | None) -> None:
    if pledge.gift_id is not None:
        return
    if taken.new is None and Pledge.objects.filter(gift=taken.gift_id).exists():
        raise errors.TakenInAlready(taken.ref, rail_key)
    pledge.gift_id, pledge.state, pledge.problem = taken.gift_id, Pledge.State.SETTLED, ""
    pledge.sent_from = None
    _save(pledge, at)


def _recurring(pledge: Pledge, period_begins: date | None, rail_key: str) -> RecurringGift | None:
    if period_begins is None:
        return None
    recurring = RecurringGift.objects.filter(pledge=pledge).first()
    if recurring is None:
        raise errors.NotRecurring(pledge.reference)
    standing = recurring.periods.filter(begins_date=period_begins).select_related("gift").first()
    if standing is not None and standing.gift.intake_key != rail_key:
        raise errors.PeriodPaidAlready(pledge.reference, standing.gift.ref)
    return recurring


def _learn(donor: Donor | None, told: DonorFacts, keys: MasterKeys) -> None:
    """Fill in what a donor had not told before; nothing told is overwritten."""
    if donor is None or donor.wrapped_key is None:
        return
    facts = open_donor(donor, keys)
    filled = facts.filled_from(told)
    if filled != facts:
        seal_donor(donor, filled, keys)
        donor.save(update_fields=["sealed"])


@transaction.atomic
def fail(pledge: Pledge, code: str, *, at: datetime | None = None) -> Pledge:
    """The rail refused or the donor gave up, for the reason `code` (see `giving.words`).

    What is settled stays settled. It can be begun anew. It counts for the limits once each time
    that it was begun.
    """
    at = at or clock.now()
    was_failed = Pledge.objects.filter(pk=pledge.pk, state=Pledge.State.FAILED).exists()
    failed = _give_up(pledge, Pledge.State.FAILED, code, at)
    if failed.state == Pledge.State.FAILED and not was_failed:
        limits.count_failure(failed, at)
    return failed


@transaction.atomic
def expire(pledge: Pledge, *, at: datetime | None = None) -> Pledge:
    """Nobody paid in time. Money that comes later all the same settles it."""
    return _give_up(pledge, Pledge.State.EXPIRED, "expired", at)


def _give_up(pledge: Pledge, state: Pledge.State, code: str, at: datetime | None) -> Pledge:
    locked = _locked(pledge)
    if locked.state != Pledge.State.SETTLED:
        locked.state, locked.problem = state, code[:60]
        _save(locked, at)
        logger.info("giving.pledge_%s pledge=%s code=%s", state, locked, code)
    return locked


def _locked(pledge: Pledge) -> Pledge:
    """The pledge as it stands now; whoever else settles it waits."""
    found = Pledge.objects.select_for_update(of=("self",), no_key=True)
    return found.select_related("fund", "donor").get(pk=pledge.pk)


def _save(pledge: Pledge, at: datetime | None) -> None:
    pledge.changed_at = at or clock.now()
    pledge.save(update_fields=["state", "problem", "rail_ref", "gift", "sent_from", "changed_at"])
