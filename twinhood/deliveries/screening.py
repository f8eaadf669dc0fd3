"""The verbs of screening: take a list in, look somebody up, decide about a hit.

An order is placed, and money paid, only where supplier and beneficiary are clear by a result that
has not expired; for a payment the holder of the account must have been looked up too.
"""

import io
import logging
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import batched

from django.contrib.postgres.search import TrigramSimilarity
from django.db import connection, transaction

from twinhood.deliveries import errors
from twinhood.deliveries.core.listed import READERS, folded
from twinhood.deliveries.models import (
    ListedName,
    Order,
    PayeeAccount,
    Screening,
    ScreeningList,
)
from twinhood.needs.renaming import former_names
from twinhood.people.identity import same_people
from twinhood.people.models import Organisation, Partnership, Person

VALID_DAYS = 30
# How like two names must be to be shown to somebody, and how many are shown.
PERCENT_MIN = 45
HITS_MAX = 20
NAME_MAX = 600
log = logging.getLogger(__name__)


@transaction.atomic
def import_list(
    data: bytes, *, code: str, kind: str, version: date, at: datetime, shorter_reason: str = ""
) -> ScreeningList:
    """Take a publisher's file in: its names replace those of the version before.

    `kind` is one of `core.listed.READERS`. The same file again changes nothing. Raises
    core.listed.BadList, errors.EmptyList, OlderList, and ListTooShort where a tenth of the names
    is gone and nobody says why (a download that broke off); then the older names stay.
    """
    digest = sha256(data).hexdigest()
    if known := ScreeningList.objects.filter(code=code, sha256=digest).first():
        return known
    text = data.decode("utf-8-sig", errors="replace")
    listed = list(READERS[kind](io.StringIO(text, newline="")))
    if not listed:
        raise errors.EmptyList
    before = next((one for one in lists_now() if one.code == code), None)
    if before and version < before.version_date:
        raise errors.OlderList(before.version_date)
    is_shorter = before is not None and len(listed) * 10 < before.names_count * 9
    if before and is_shorter and not shorter_reason.strip():
        raise errors.ListTooShort(before.names_count, len(listed))
    made = ScreeningList.objects.create(
        code=code, version_date=version, sha256=digest, names_count=len(listed), imported_at=at,
        shorter_reason=shorter_reason.strip() if is_shorter else "",
    )  # fmt: skip
    for batch in batched(listed, 5_000, strict=False):
        ListedName.objects.bulk_create(
            ListedName(
                list=made, uid=one.uid[:60], name=one.name[:NAME_MAX],
                folded=folded(one.name)[:NAME_MAX],
            )
            for one in batch
        )  # fmt: skip
    # Last: the database lets the older names go once the newer ones are in.
    ListedName.objects.filter(list__code=code).exclude(list=made).delete()
    log.info("deliveries.list_imported code=%s names=%d", code, len(listed))
    return made


def lists_now() -> list[ScreeningList]:
    """The newest version of each list, by code."""
    newest = ScreeningList.objects.order_by("code", "-version_date", "-id").distinct("code")
    return list(newest)


def names_of(organisation: Organisation, partnership: Partnership) -> list[str]:
    """What somebody is looked up by: its names, former ones too, and holders of its accounts."""
    holders = PayeeAccount.objects.filter(partnership=partnership, supplier=organisation)
    live = holders.exclude(state=PayeeAccount.State.STOPPED).order_by("number")
    former = [name for was in former_names(organisation) for name in was.name_before.values()]
    names = [*organisation.name.values(), *former, *live.values_list("holder", flat=True)]
    return list(dict.fromkeys(names))


@transaction.atomic
def screen(
    *, organisation: Organisation, partnership: Partnership, by: Person, at: datetime
) -> Screening:
    """Look the organisation up in every list that is here, and keep what was found.

    Who was found before and not cleared is open again, even where no list names them any more:
    somebody else says that they are clear. Raises errors.NoLists.
    """
    lists = lists_now()
    if not lists:
        raise errors.NoLists
    names = names_of(organisation, partnership)
    hits = [hit for name in names for hit in hits_of(name)]
    before = latest(organisation, partnership)
    was_found = before is not None and before.outcome != Screening.Outcome.CLEAR
    return Screening.objects.create(
        partnership=partnership,
        organisation=organisation,
        names=names,
        lists=[
            {
                "code": one.code,
                "date": one.version_date.isoformat(),
                "sha256": one.sha256,
                "names": one.names_count,
            }
            for one in lists
        ],
        hits=hits,
        outcome=Screening.Outcome.OPEN if hits or was_found else Screening.Outcome.CLEAR,
        screened_by=by,
        screened_at=at,
        expires_date=at.date() + timedelta(days=VALID_DAYS),
    )


def hits_of(name: str) -> list[dict[str, object]]:
    """Listed names that are like this one, the likest first; at most `HITS_MAX`."""
    asked = folded(name)
    if not asked:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pg_trgm.similarity_threshold', %s, true)", [str(PERCENT_MIN / 100)]
        )
    found = (
        ListedName.objects.filter(folded__trigram_similar=asked)
        .annotate(likeness=TrigramSimilarity("folded", asked))
        .select_related("list")
        .order_by("-likeness", "id")
    )
    return [
        {
            "list": row.list.code,
            "uid": row.uid,
            "name": row.name,
            "asked": name,
            "percent": round(row.likeness * 100),
        }
        for row in found[:HITS_MAX]
    ]


@transaction.atomic
def decide(
    *, screening: Screening, is_listed: bool, reason: str, by: Person, at: datetime
) -> Screening:
    """Say whether the hits mean this organisation, and why. Somebody else than who looked up.

    Raises errors.ReasonMissing, WrongState (decided before), MayNotDecide.
    """
    if not reason.strip():
        raise errors.ReasonMissing("hit")
    screening = Screening.objects.select_for_update(of=("self",)).get(pk=screening.pk)
    if screening.outcome != Screening.Outcome.OPEN:
        raise errors.WrongState(str(screening), screening.outcome)
    if screening.screened_by_id in same_people(by):
        raise errors.MayNotDecide
    screening.outcome = Screening.Outcome.LISTED if is_listed else Screening.Outcome.CLEAR
    screening.decided_by, screening.decided_at, screening.reason = by, at, reason.strip()
    screening.save(update_fields=["outcome", "decided_by", "decided_at", "reason"])
    return screening


def latest(organisation: Organisation, partnership: Partnership) -> Screening | None:
    """The newest result about an organisation; it alone counts."""
    found = Screening.objects.filter(organisation=organisation, partnership=partnership)
    return found.order_by("-screened_at", "-id").first()


def latest_of(partnership: Partnership) -> dict[int, Screening]:
    """The newest result about each organisation, by its id."""
    found = Screening.objects.filter(partnership=partnership)
    newest = found.order_by("organisation", "-screened_at", "-id").distinct("organisation")
    return {screening.organisation_id: screening for screening in newest}


def expect_screened(order: Order, at: datetime, holder: str = "") -> None:
    """Refuse an order whose supplier or beneficiary is not clear today. Raises NotScreened."""
    for organisation in (order.quote.supplier, order.need.beneficiary):
        found = latest(organisation, order.partnership)
        if found is None or found.outcome == Screening.Outcome.OPEN:
            raise errors.NotScreened(str(organisation), "none" if found is None else "open")
        if found.outcome == Screening.Outcome.LISTED:
            raise errors.NotScreened(str(organisation), "listed")
        if found.expires_date < at.date():
            raise errors.NotScreened(str(organisation), "expired")
        holders = [holder] if holder and organisation == order.quote.supplier else []
        for name in (*organisation.name.values(), *holders):
            if name not in found.names:
                raise errors.NotScreened(name, "none")
