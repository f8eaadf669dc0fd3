"""After the faults: is every acknowledged gift there once, and do books, line and journal agree?"""

import io
import json
from collections import Counter

from django.db.models import Count, F, Sum

from tests.faults.givers import Acknowledged
from twinhood.giving.models import Gift
from twinhood.kit import clock
from twinhood.ledger.models import Account, Entry, Fund, Piece, Segment, Transfer
from twinhood.opendata.projection import journal_records
from twinhood.people.models import Partnership
from twinhood.verify.replay import replay


def problems(partnership: Partnership, said: Acknowledged) -> list[str]:
    """Everything that is wrong, in sentences; empty if nothing is."""
    return [
        *_gifts(partnership, said),
        *_entries(partnership),
        *_lines(partnership),
        *_balances(partnership),
        *_replayed(partnership),
    ]


def _gifts(partnership: Partnership, said: Acknowledged) -> list[str]:
    """Each acknowledged gift is there once, with its amount, posted once."""
    found = Gift.objects.filter(partnership=partnership, rail="cheque", intake_key__startswith="F")
    stored = Counter(found.values_list("intake_key", flat=True))
    expected = {f"{key}/{amount}": amount for key, amount in said.gifts.items()}
    lost = expected.keys() - stored.keys()
    doubled = [key for key, count in stored.items() if count > 1]
    wrong = [
        key
        for key, amount in found.values_list("intake_key", "amount_minor")
        if expected.get(key, amount) != amount
    ]
    posted = Counter(
        Entry.objects.filter(partnership=partnership, kind="gift").values_list("key", flat=True)
    )
    unposted = [gift.ref for gift in found if posted[gift.key] != 1]
    return [
        *(f"acknowledged gift {key} is lost" for key in sorted(lost)),
        *(f"gift {key} is there more than once" for key in sorted(doubled)),
        *(f"gift {key} has another amount" for key in sorted(wrong)),
        *(f"gift {ref} is not posted exactly once" for ref in sorted(unposted)),
    ]


def _entries(partnership: Partnership) -> list[str]:
    entries = Entry.objects.filter(partnership=partnership)
    seqs = list(entries.order_by("seq").values_list("seq", flat=True))
    gap = next((n for n, seq in enumerate(seqs, 1) if seq != n), None)
    silent = entries.exclude(kind="fund").annotate(n=Count("transfers")).filter(n=0).count()
    return [
        *([f"entry {gap} is missing"] if gap else []),
        *([f"{silent} entries move nothing"] if silent else []),
    ]


def _lines(partnership: Partnership) -> list[str]:
    found = []
    for fund in Fund.objects.filter(partnership=partnership):
        position = 0
        for start, end in (
            Segment.objects.filter(fund=fund)
            .order_by("start_minor")
            .values_list("start_minor", "end_minor")
        ):
            if start != position:
                found.append(f"{fund.code}: a gap or overlap at {position}")
            position = end
        used = Piece.objects.filter(fund=fund, ended_by__isnull=True).aggregate(
            n=Sum(F("end_minor") - F("start_minor"))
        )
        if (fund.head_minor, fund.used_minor) != (position, used["n"] or 0):
            found.append(f"{fund.code}: head or used sum is not what its rows say")
    return found


def _balances(partnership: Partnership) -> list[str]:
    found = []
    moved = Transfer.objects.filter(entry__partnership=partnership)
    for account in Account.objects.filter(partnership=partnership):
        sums = {
            side: moved.filter(**{side: account}).aggregate(n=Sum("amount_minor"))["n"] or 0
            for side in ("debit", "credit")
        }
        normal = sums["credit"] - sums["debit"]
        if account.balance_minor != (normal if account.is_credit_normal else -normal):
            found.append(f"{account}: the balance is not the sum of its transfers")
    return found


def _replayed(partnership: Partnership) -> list[str]:
    """A stranger replays the journal and finds our funds."""
    lines = b"".join(
        json.dumps(record).encode() + b"\n" for record in journal_records(partnership, clock.now())
    )
    out = io.StringIO()
    replay(io.BytesIO(lines), out, lambda _number, _why: None)
    answer = json.loads(out.getvalue())
    found = [f"replay rejects line {number}" for number in answer["rejected"]]
    for fund in Fund.objects.filter(partnership=partnership):
        replayed = answer["funds"][fund.code]
        if (replayed["head"], replayed["free"]) != (fund.head_minor, fund.free_minor):
            found.append(f"{fund.code}: replay finds another line")
    return found
