"""The verbs of giving. Each is one transaction; amounts are minor units of the gift's currency."""

import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued
from psycopg.errors import UniqueViolation

from twinhood.giving import errors, forgetting, poster, queries
from twinhood.giving.core import names
from twinhood.giving.core.offline import OfflineGift
from twinhood.giving.core.refunding import Split
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.keys import MasterKeys, index_of, master_keys, open_donor, seal_donor
from twinhood.giving.models import Donor, Gift, Link, Refund
from twinhood.giving.rails import BY_CODE, Asks
from twinhood.kit import clock
from twinhood.kit.money import minor_from_major
from twinhood.ledger import actions as ledger
from twinhood.ledger.models import Fund
from twinhood.people.models import Partnership, Person, Role
from twinhood.translog.core.commitment import SALT_BYTES, commit
from twinhood.translog.queries import is_known_ahead

logger = logging.getLogger(__name__)

type Randomness = Callable[[int], bytes]

POSTING_TASK = "giving.post_settled"
POSTING_BATCH = 1_000
# A slip of the keyboard must not fill a line: a hundred such gifts are still far from bigint.
OFFLINE_MAJOR_MAX = 1_000_000_000
REF_TRIES_MAX = 5


@dataclass(frozen=True, slots=True)
class NewGift:
    """A gift just taken in. `secret` is the donor's, for the trace link: it is told only here."""

    ref: str
    secret: str


@dataclass(frozen=True, slots=True)
class Intake:
    """What `intake` did: `new` is None for a gift that was known already, by its `ref`."""

    gift_id: int
    ref: str
    new: NewGift | None


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What `take_in` did: new gifts in the order given, and the refs of those it knew already."""

    new: tuple[NewGift, ...]
    known_refs: tuple[str, ...]


@transaction.atomic
def take_in(
    *,
    partnership: Partnership,
    person: Person | None,
    rows: Sequence[OfflineGift],
    at: datetime | None = None,
    randomness: Randomness = secrets.token_bytes,
) -> TakenIn:
    """Take settled gifts in, all or none, and ask the worker to post them.

    Safe to repeat: a row whose rail and `intake_key` are known, with the same money, adds nothing.
    `person` enters them (None for an import without a person), `at` is when they count as settled
    (now). Raises BadGift, TakenInAlready, DonorKeysMissing.
    """
    at = at or clock.now()
    # One intake at a time in a partnership: who comes second sees what the first took in. The
    # unique constraint says it again to whoever does not come through here.
    Partnership.objects.select_for_update(no_key=True).get(pk=partnership.pk)
    funds = {fund.code: fund for fund in Fund.objects.filter(partnership=partnership)}
    _refuse_bad(rows, partnership, person, funds, at)
    known = queries.known_gifts(partnership, rows)
    fresh = {row.key: row for row in rows if row.key not in known}
    _refuse_other_money(rows, known, fresh)
    new = _store(partnership, person, list(fresh.values()), funds, at, randomness)
    if new:
        ask_for_posting()
    logger.info("giving.taken_in partnership=%s new=%d", partnership.slug, len(new))
    return TakenIn(new, tuple(gift.ref for gift in known.values()))


# The whole of taking a gift in: one row, which locks no other. `benchmarks.intake` runs it, too.
INTAKE = """
INSERT INTO giving_gift (
  partnership_id, fund_id, ref, secret_hash, intake_key, rail, donor_id, donor_commitment,
  donor_salt, shows_name, amount_minor, fee_minor, currency, received_date, settled_at, purpose,
  note
) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def intake(
    *,
    fund: Fund,
    row: OfflineGift,
    donor: Donor | None = None,
    at: datetime | None = None,
    secret: str = "",
    randomness: Randomness = secrets.token_bytes,
) -> Intake:
    """Take one settled gift in for a rail: one durable INSERT; when it returns, the gift is safe.

    Safe to repeat: the same rail and `intake_key` with the same money is the same gift. `row` has
    what the donor told with this gift, `donor` is whoever that was found to be. `at` is when it
    counts as settled (now), `secret` the donor's link if they have one already. Raises BadGift,
    TakenInAlready.
    """
    at = at or clock.now()
    problem = _money_problem(row, {fund.code: fund}) or _form_problem(row)
    if problem is None and donor is not None and donor.partnership_id != fund.partnership_id:
        problem = ("donor", "donor")
    if problem is not None:
        raise errors.BadGift(*problem)
    for _ in range(REF_TRIES_MAX):
        ref = names.ref_from(randomness(names.REF_BYTES))
        secret = secret or names.secret_from(randomness(names.SECRET_BYTES))
        gift_id = _insert(fund, row, donor, at, ref, secret)
        if gift_id is not None:
            _ask_for_posting_soon()
            return Intake(gift_id, ref, NewGift(ref, secret))
        known = _standing(fund, row)
        if known is not None:
            return Intake(known.pk, known.ref, None)
    raise RuntimeError("no free refs: the source of randomness repeats itself")


def _insert(
    fund: Fund, row: OfflineGift, donor: Donor | None, at: datetime, ref: str, secret: str
) -> int | None:
    """Insert; None if the rail's name of the gift, or the ref, stands already."""
    salt = secrets.token_bytes(SALT_BYTES)
    values = (
        fund.partnership_id, fund.pk, ref, names.secret_hash(secret), row.intake_key, row.rail,
        donor.pk if donor else None, commit(asdict(row.donor), salt), salt, row.shows_name,
        row.amount_minor, row.fee_minor, row.currency, row.received_date, at, row.purpose, row.note,
    )  # fmt: skip
    # Within a transaction a failing would end it, and a savepoint would cost two round trips more.
    clause = "ON CONFLICT DO NOTHING " if connection.in_atomic_block else ""
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"{INTAKE} {clause}RETURNING id", values)
            row_of_it = cursor.fetchone()
    except IntegrityError as problem:
        if isinstance(problem.__cause__, UniqueViolation):
            return None
        raise
    return int(row_of_it[0]) if row_of_it else None


def _standing(fund: Fund, row: OfflineGift) -> Gift | None:
    """The gift that the rail calls so, if it has the same money. Raises TakenInAlready."""
    known = Gift.objects.filter(
        partnership_id=fund.partnership_id, rail=row.rail, intake_key=row.intake_key
    ).first()
    if known is None:
        return None
    standing = (known.fund_id, known.amount_minor, known.fee_minor)
    if standing != (fund.pk, row.amount_minor, row.fee_minor):
        raise errors.TakenInAlready(known.ref, row.intake_key)
    return known


def _refuse_bad(
    rows: Iterable[OfflineGift],
    partnership: Partnership,
    person: Person | None,
    funds: dict[str, Fund],
    at: datetime,
) -> None:
    today = at.astimezone(ZoneInfo(partnership.giving_place.time_zone)).date()
    counters = set(
        Role.objects.held(today).filter(partnership=partnership).values_list("person_id", flat=True)
    )
    for number, row in enumerate(rows, 1):
        problem = _money_problem(row, funds) or _form_problem(row)
        if problem is None and row.received_date > today:
            problem = ("future", "received_date")
        if problem is None and person is not None and Asks.COUNTED_BY in BY_CODE[row.rail].asks:
            is_second = row.counted_by_id in counters and row.counted_by_id != person.pk
            problem = None if is_second else ("counted", "counted_by")
        if problem is not None:
            raise errors.BadGift(*problem, number)


def _money_problem(row: OfflineGift, funds: dict[str, Fund]) -> tuple[str, str] | None:
    fund = funds.get(row.fund_code)
    if fund is None:
        return "fund", "fund"
    if fund.currency != row.currency:
        return "currency", "fund"
    most = minor_from_major(OFFLINE_MAJOR_MAX, row.currency)
    if type(row.amount_minor) is not int or not 0 < row.amount_minor <= most:
        return "amount", "amount"
    if type(row.fee_minor) is not int or not 0 <= row.fee_minor < row.amount_minor:
        return "fee", "fee"
    return None


def _form_problem(row: OfflineGift) -> tuple[str, str] | None:
    if row.rail not in BY_CODE:
        return "rail", "rail"
    if not 0 < len(row.intake_key) <= 200:
        return "key", "reference"
    if row.shows_name and not row.donor.name:
        return "name", "name"
    return None


def _refuse_other_money(
    rows: Iterable[OfflineGift],
    known: dict[tuple[str, str], Gift],
    fresh: dict[tuple[str, str], OfflineGift],
) -> None:
    for number, row in enumerate(rows, 1):
        if (gift := known.get(row.key)) is not None:
            standing = (gift.fund.code, gift.amount_minor, gift.fee_minor)
            ref = gift.ref
        else:
            first = fresh[row.key]
            standing = (first.fund_code, first.amount_minor, first.fee_minor)
            ref = ""
        if standing != (row.fund_code, row.amount_minor, row.fee_minor):
            raise errors.TakenInAlready(ref, row.intake_key, number)


def _store(
    partnership: Partnership,
    person: Person | None,
    rows: Sequence[OfflineGift],
    funds: dict[str, Fund],
    at: datetime,
    randomness: Randomness,
) -> tuple[NewGift, ...]:
    refs = _free_refs(len(rows), randomness)
    secret_names = [names.secret_from(randomness(names.SECRET_BYTES)) for _ in rows]
    salts = [secrets.token_bytes(SALT_BYTES) for _ in rows]
    donors = _donors(partnership, rows)
    Gift.objects.bulk_create(
        Gift(
            partnership=partnership,
            fund=funds[row.fund_code],
            ref=ref,
            secret_hash=names.secret_hash(secret),
            intake_key=row.intake_key,
            rail=row.rail,
            donor=donor,
            donor_commitment=commit(asdict(row.donor), salt),
            donor_salt=salt,
            shows_name=row.shows_name,
            amount_minor=row.amount_minor,
            fee_minor=row.fee_minor,
            currency=row.currency,
            received_date=row.received_date,
            settled_at=at,
            purpose=row.purpose,
            note=row.note,
            entered_by=person,
            counted_by_id=row.counted_by_id,
        )
        for row, donor, ref, secret, salt in zip(
            rows, donors, refs, secret_names, salts, strict=True
        )
    )
    return tuple(NewGift(ref, secret) for ref, secret in zip(refs, secret_names, strict=True))


def _free_refs(count: int, randomness: Randomness) -> list[str]:
    """`count` public names that no gift bears; 40 random bits, so a clash is rare but possible."""
    refs: dict[str, None] = {}
    for _ in range(REF_TRIES_MAX):
        while len(refs) < count:
            refs[names.ref_from(randomness(names.REF_BYTES))] = None
        used = Gift.objects.filter(ref__in=list(refs)).values_list("ref", flat=True)
        for ref in used:
            del refs[ref]
        if len(refs) == count:
            return list(refs)
    raise RuntimeError("no free refs: the source of randomness repeats itself")


def _donors(partnership: Partnership, rows: Sequence[OfflineGift]) -> list[Donor | None]:
    """Each row's donor: the known one of this address, a new one, or None for who told nothing."""
    if not any(row.donor != DonorFacts() for row in rows):
        return [None] * len(rows)
    keys = master_keys()
    indexes = [
        index_of(row.donor.email, partnership.pk, keys) if row.donor.email else None for row in rows
    ]
    found = Donor.objects.filter(partnership=partnership, email_index__in=set(indexes) - {None})
    by_address = {bytes(donor.email_index or b""): donor for donor in found}
    new: list[Donor] = []
    donors: list[Donor | None] = []
    for row, index in zip(rows, indexes, strict=True):
        donor = by_address.get(index) if index else None
        if donor is not None:
            _learn(donor, row.donor, keys)
        elif row.donor != DonorFacts():
            donor = Donor(partnership=partnership, language=row.donor_language)
            seal_donor(donor, row.donor, keys)
            new.append(donor)
            if index:
                by_address[index] = donor
        donors.append(donor)
    Donor.objects.bulk_create(new)
    return donors


def _learn(donor: Donor, told: DonorFacts, keys: MasterKeys) -> None:
    """Fill in what a known donor had not told before; nothing told is overwritten."""
    facts = open_donor(donor, keys)
    filled = facts.filled_from(told)
    if filled != facts:
        seal_donor(donor, filled, keys)
        if donor.pk is not None:
            donor.save(update_fields=["sealed"])


def ask_for_posting() -> None:
    """Defer the job in this same transaction: it exists if and only if the gifts do.

    One waiting job is enough. If the one that waits is started before we commit, it does not see
    our gifts; the sweep of each minute does.
    """
    try:
        with transaction.atomic():
            app.configure_task(POSTING_TASK, queueing_lock=POSTING_TASK).defer()
    except AlreadyEnqueued:
        pass


# A process that takes gifts in asks for posting at most so often, and ahead of time: the job starts
# after `POSTING_DELAY_S`, so it sees whatever came in since it was asked for.
ASKING_EVERY_S = 0.25
POSTING_DELAY_S = 0.5
_asked_at = 0.0


def _ask_for_posting_soon() -> None:
    global _asked_at
    now = monotonic()
    if now - _asked_at < ASKING_EVERY_S:
        return
    _asked_at = now
    try:
        with transaction.atomic():
            app.configure_task(
                POSTING_TASK,
                queueing_lock=POSTING_TASK,
                schedule_in={"milliseconds": int(POSTING_DELAY_S * 1_000)},
            ).defer()
    except AlreadyEnqueued:
        pass


def post_settled(limit: int = POSTING_BATCH, *, batches_max: int = 1) -> int:
    """Post settled gifts in order of their id, `limit` in a batch; return how many were posted.

    A batch is one transaction of a partnership's books: killed at any point, each gift of it is
    posted or none. It goes on from batch to batch, and begins at the floor the next time: what
    was committed late, with a lower id, is posted then. Whoever waits for the books gets them
    between two batches.

    A partnership whose books refuse does not hold up the others; what it raised is raised at the
    end (as an ExceptionGroup), and its gifts stay settled for the next run.

    While the published log is ahead of the database nothing is posted: what would be could never
    be sealed. The gifts wait.
    """
    if is_known_ahead():
        logger.error("giving.log_is_ahead: nothing is posted")
        return 0
    position, posted = poster.floor(), 0
    problems: list[Exception] = []
    for _ in range(batches_max):
        found = poster.find(position, limit)
        posted += _post_each(found, problems)
        if found.count < limit:
            break
        position = found.last_id
    poster.raise_floor()
    if problems:
        raise ExceptionGroup("gifts that could not be posted", problems)
    return posted


def post_forgotten(step: int = 100_000) -> int:
    """Look at all gifts below the floor, and post what is not posted; return how many that were.

    None should be: whoever finds one has found a fault, so it is logged as an error. It reads all
    gifts, `step` at a time; once a day is enough. Raises as `post_settled` does.
    """
    posted, problems = 0, list[Exception]()
    for low in range(0, poster.highest_id(), step):
        while found := poster.find(low, POSTING_BATCH, low + step):
            done = _post_each(found, problems)
            posted += done
            logger.error("giving.forgotten gifts=%d first_id=%d", found.count, low)
            if done < found.count:
                break
    if problems:
        raise ExceptionGroup("gifts that could not be posted", problems)
    return posted


def _post_each(found: poster.Found, problems: list[Exception]) -> int:
    posted = 0
    for partnership_id, ids in found.by_partnership:
        try:
            count = poster.post(partnership_id, ids)
        except Exception as problem:  # told to the caller, with all others
            problems.append(problem)
            continue
        posted += count
        logger.info(
            "giving.posted partnership=%d gifts=%d first=%d last=%d",
            partnership_id, count, ids[0], ids[-1],
        )  # fmt: skip
    return posted


@transaction.atomic
def refund_gift(
    *,
    gift: Gift,
    person: Person | None,
    amount_minor: int,
    reason: str,
    earlier: int,
    at: datetime | None = None,
) -> Refund:
    """Give back `amount_minor` of a posted gift by the account that it came in by.

    `earlier` is how many refunds of this gift the person had seen: so the same form sent twice
    refunds once (the second answer is the first refund). Raises NotPosted, MoreThanWasGiven,
    OnlyFeeLeft, RefundedMeanwhile; ledger.errors.NoGuarantor.
    """
    ledger.lock_books(gift.partnership)
    standing = list(gift.refunds.order_by("id"))
    if len(standing) > earlier:
        return _same_refund(gift, standing[earlier], amount_minor, reason)
    parts = queries.refund_split(gift=gift, amount_minor=amount_minor)
    at = at or clock.now()
    key = f"refund:{gift.ref}-{earlier + 1}"
    outcome = give_back(gift=gift, key=key, parts=parts, at=at)
    logger.info("giving.refunded source=%s key=%s", gift.key, key)
    return Refund.objects.create(
        gift=gift,
        key=key,
        line_minor=parts.line_minor,
        operating_minor=parts.operating_minor,
        displaced_minor=outcome.displaced_minor,
        advance_minor=outcome.advance_minor,
        reason=reason,
        refunded_at=at,
        refunded_by=person,
    )


def give_back(*, gift: Gift, key: str, parts: Split, at: datetime) -> ledger.RefundOutcome:
    """Book a refund, source by source; the first entry bears `key` and the operating part."""
    displaced_minor = advance_minor = 0
    for number, (source_key, part_minor) in enumerate(queries.parted(gift, parts.line_minor)):
        outcome = ledger.refund(
            partnership=gift.partnership,
            key=f"{key}:{number + 1}" if number else key,
            source_key=source_key,
            amount_minor=part_minor,
            paid_from=BY_CODE[gift.rail].account,
            operating_minor=0 if number else parts.operating_minor,
            at=at,
        )
        displaced_minor += outcome.displaced_minor
        advance_minor += outcome.advance_minor
    return ledger.RefundOutcome(displaced_minor, advance_minor)


def _same_refund(gift: Gift, standing: Refund, amount_minor: int, reason: str) -> Refund:
    asked = (amount_minor, reason)
    if (standing.line_minor + standing.operating_minor, standing.reason) != asked:
        raise errors.RefundedMeanwhile(gift.ref)
    return standing


@transaction.atomic
def renew_secret(*, gift: Gift, randomness: Randomness = secrets.token_bytes) -> NewGift:
    """Give the donor a new trace link, for one that was lost; the old one leads nowhere then."""
    secret = names.secret_from(randomness(names.SECRET_BYTES))
    digest = names.secret_hash(secret)
    ledger.lock_books(gift.partnership)  # so that the poster writes no link to the old one
    old = Gift.objects.values_list("secret_hash", flat=True).get(pk=gift.pk)
    Gift.objects.filter(pk=gift.pk).update(secret_hash=digest)
    was_linked, _ = Link.objects.filter(secret_hash=old).delete()
    if was_linked:
        Link.objects.create(secret_hash=digest, gift=gift)
    return NewGift(gift.ref, secret)


@transaction.atomic
def erase(*, donor: Donor) -> None:
    """Destroy the donor's key and what it sealed; gifts, sums and proofs stay as they are.

    Notes of the treasurer on these gifts go too, since they may name the donor; and words told
    with pledges, what rails wrote of them, letters and visits (giving.forgetting). Monthly gifts
    are ended before, by `giver.forget`: this verb speaks to no rail.
    """
    Donor.objects.filter(pk=donor.pk).update(sealed=None, wrapped_key=None, email_index=None)
    Gift.objects.filter(donor_id=donor.pk).update(shows_name=False, note="", donor_salt=None)
    forgetting.forget_more(donor)
    donor.refresh_from_db()
    logger.info("giving.erased donor=%s", donor.pk)


def forget_unpaid(limit: int = 1_000, *, at: datetime | None = None) -> int:
    """Forget who filled in a form and never paid, after UNPAID_KEPT_DAYS; how many donors went.

    Money that comes later all the same is a gift of nobody known, for the pledge's purpose.
    """
    before = (at or clock.now()) - timedelta(days=settings.UNPAID_KEPT_DAYS)
    while forgetting.empty_unpaid(before, limit):
        pass
    donors = forgetting.donors_who_never_paid(before, limit)
    for donor in donors:
        erase(donor=donor)
    return len(donors)
