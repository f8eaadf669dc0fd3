"""Putting right who gave: the gift and its segment stay, only what it says of its giver changes."""

import logging

from django.db import transaction

from twinhood.giving import actions as giving
from twinhood.giving import pledging
from twinhood.giving.core import names
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.keys import MasterKeys, index_of, master_keys, seal_donor
from twinhood.giving.models import Donor, Gift, Link, Pledge
from twinhood.kit import clock
from twinhood.ledger import actions as ledger
from twinhood.people.models import Partnership, Person
from twinhood.treasury import corrected
from twinhood.treasury.errors import OtherFund
from twinhood.treasury.models import GiverChange

logger = logging.getLogger(__name__)


@transaction.atomic
def take_back(*, gift: Gift, reason: str, person: Person | None) -> GiverChange:
    """Nobody is the gift's giver any more: who was named was a mistake. The old record is kept.

    The donor's link opens their pledge again and no longer this gift; the pledge waits again, and
    the receipt that they got is cancelled by one that names it, and left out of their year's.
    """
    pledge = Pledge.objects.select_for_update(no_key=True).filter(gift=gift).first()
    kept = GiverChange.objects.create(
        gift=gift,
        donor=gift.donor,
        pledge=pledge,
        shows_name=gift.shows_name,
        purpose=gift.purpose,
        reason=reason,
        changed_at=clock.now(),
        changed_by=person,
    )
    if pledge is not None:
        pledge.gift, pledge.state, pledge.changed_at = None, Pledge.State.STARTED, clock.now()
        pledge.save(update_fields=["gift", "state", "changed_at"])
    corrected.cancel_for(gift, reason)
    giving.renew_secret(gift=gift)
    _say(gift, donor=None, shows_name=False, purpose=gift.purpose)
    corrected.leave_year_of(gift, kept.donor, reason)
    logger.info("treasury.giver_taken_back source=%s", gift.key)
    return kept


@transaction.atomic
def name_by_pledge(*, gift: Gift, pledge: Pledge) -> None:
    """A pledge's donor is the giver of a gift that has none; their link opens it.

    Raises OtherFund if the gift lies on another line than the pledge is for.
    """
    pledge = Pledge.objects.select_for_update(of=("self",), no_key=True).get(pk=pledge.pk)
    if pledge.fund_id != gift.fund_id:
        raise OtherFund(gift.fund.code)
    keys = master_keys()
    told = pledging.told_with(pledge, keys)
    _say(
        gift,
        donor=pledge.donor,
        shows_name=pledge.shows_name and bool(told.name),
        purpose=pledge.purpose,
    )
    if pledge.gift_id is None:
        _open_by(gift, pledging.secret_of(pledge, keys))
        pledge.gift = gift
    pledge.state, pledge.problem, pledge.changed_at = Pledge.State.SETTLED, "", clock.now()
    pledge.save(update_fields=["gift", "state", "problem", "changed_at"])
    corrected.issue_for(gift)
    logger.info("treasury.giver_named source=%s pledge=%s", gift.key, pledge)


@transaction.atomic
def name_by_words(
    *, gift: Gift, facts: DonorFacts, shows_name: bool, purpose: str, language: str
) -> None:
    """Whom a treasurer names is the giver of a gift that has none; nobody, if `facts` are empty."""
    donor = _donor(gift.partnership, facts, language, master_keys())
    _say(gift, donor=donor, shows_name=shows_name and bool(facts.name), purpose=purpose)
    corrected.issue_for(gift)
    logger.info("treasury.giver_named source=%s", gift.key)


def _say(gift: Gift, *, donor: Donor | None, shows_name: bool, purpose: str) -> None:
    """Write what the gift says of its giver. The log's commitment is history and stays; what
    would open it goes, since it was made for another.
    """
    gift.donor, gift.shows_name, gift.purpose, gift.donor_salt = donor, shows_name, purpose, None
    gift.save(update_fields=["donor", "shows_name", "purpose", "donor_salt"])


def _donor(
    partnership: Partnership, facts: DonorFacts, language: str, keys: MasterKeys
) -> Donor | None:
    """Who has this address already, else a new donor; None for who told nothing."""
    if facts == DonorFacts():
        return None
    if facts.email:
        index = index_of(facts.email, partnership.pk, keys)
        known = Donor.objects.filter(partnership=partnership, email_index=index).first()
        if known is not None:
            return known
    donor = Donor(partnership=partnership, language=language)
    seal_donor(donor, facts, keys)
    donor.save(force_insert=True)
    return donor


def _open_by(gift: Gift, secret: str) -> None:
    """Let `secret` open the gift from now on, and what opened it before nothing."""
    digest = names.secret_hash(secret)
    ledger.lock_books(gift.partnership)  # so that the poster writes no link to the old one
    old = Gift.objects.values_list("secret_hash", flat=True).get(pk=gift.pk)
    Gift.objects.filter(pk=gift.pk).update(secret_hash=digest)
    was_linked, _ = Link.objects.filter(secret_hash=old).delete()
    if was_linked:
        Link.objects.create(secret_hash=digest, gift=gift)
    gift.secret_hash = digest
