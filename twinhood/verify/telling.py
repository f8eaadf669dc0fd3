"""What was found, in sentences for people and as one JSON object for programs."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from twinhood.ledger.core.fields import shown
from twinhood.opendata.core.amounts import digits_of, major
from twinhood.translog.core import b64
from twinhood.translog.core.note import Checkpoint, Key
from twinhood.verify.errors import Fails
from twinhood.verify.gift import FoundGift
from twinhood.verify.paper_log import Placed
from twinhood.verify.public_file import Found
from twinhood.verify.signed import Trust, Witnessed

HOLDS, DOES_NOT_HOLD, CANNOT_READ = 0, 1, 2

type Answer = dict[str, Any]


def of_public_file(found: Found, trust: Trust) -> Answer:
    """What holds of a public file, and what nobody could check."""
    given = " and ".join(_amounts(found.given)) or "nothing"
    sentence = (
        f"Holds: all {found.entries} entries of {found.partnership}, {found.gifts} gifts of "
        f"{given} among them, {_signed(found.checkpoint, found.keys.current)}, "
        f"{_witnessed(found.witnesses)}."
    )
    since = found.old
    if since is not None:
        sentence += f" Nothing of the older {since.size} leaves has changed."
    unchecked = [*not_known(found.keys.log, found.witnesses, trust)]
    if found.only_signed:
        unchecked.append(
            "These files do not follow from the leaves; the signed manifest alone vouches for "
            f"them: {', '.join(found.only_signed)}."
        )
    if found.unknown:
        kinds = ", ".join(sorted(map(shown, found.unknown)))
        unchecked.append(f"Leaves of kinds that this program does not know: {kinds}.")
    if since is None:
        unchecked.append(
            "No older file or checkpoint was given (--since): whether something was changed "
            "before this one, that would show."
        )
    return {
        "holds": True,
        "exit": HOLDS,
        "sentence": sentence,
        "not_checked": unchecked,
        "partnership": found.partnership,
        "entries": found.entries,
        "gifts": found.gifts,
        "given_minor": {currency: str(amount) for currency, amount in found.given.items()},
        "since": None if since is None else since.size,
        **_tree(found.checkpoint, found.keys.current, found.witnesses),
    }


def of_gift(found: FoundGift, trust: Trust) -> Answer:
    """What holds of one gift."""
    leaf = found.leaf
    (gift,) = leaf["journal"]
    currency = leaf["transfers"][0]["currency"]
    (amount,) = _amounts({currency: gift["amount"]})
    sentence = (
        f"Holds: {shown(leaf['key'])} of {leaf['date']}, {amount} for {shown(gift['fund'])} of "
        f"{shown(leaf['partnership'])}, is leaf {found.index} of the log, "
        f"{_signed(found.checkpoint, found.key)}, "
        f"{_witnessed(one for one in found.witnesses if one.is_trusted)}."
    )
    if found.facts is not None:
        told = ", ".join(f"{shown(name)} {shown(value)}" for name, value in found.facts.items())
        sentence += f" It is committed to {told}."
    return {
        "holds": True,
        "exit": HOLDS,
        "sentence": sentence,
        "not_checked": [
            *not_known([found.key], found.witnesses, trust),
            "What became of the money is in the public file, not in this proof.",
        ],
        "entry": leaf,
        "index": found.index,
        "facts": found.facts,
        **_tree(found.checkpoint, found.key, found.witnesses),
    }


def of_failure(failure: Fails) -> Answer:
    """The first thing that does not hold."""
    sentence = f"Does not hold: {failure}."
    seen = failure.seen_at
    if seen is not None:
        sentence += f" It shows at {seen}."
    return {
        "holds": False,
        "exit": DOES_NOT_HOLD,
        "sentence": sentence,
        "where": failure.where,
        "expected": failure.expected,
        "found": str(failure.found),
        "seen_at": None if seen is None else seen.where,
    }


def of_unreadable(why: str) -> Answer:
    return {"holds": None, "exit": CANNOT_READ, "sentence": f"Cannot be read: {why}."}


def of_untold(why: str) -> Answer:
    return {"holds": None, "exit": CANNOT_READ, "sentence": f"Cannot be told: {why}."}


def written(answer: Answer, *, as_json: bool) -> str:
    """The answer as lines."""
    if as_json:
        return json.dumps(answer, sort_keys=True) + "\n"
    lines = [answer["sentence"], *answer.get("not_checked", [])]
    return "".join(f"{_printable(line)}\n" for line in lines)


def _printable(text: str) -> str:
    """The text without what would move a terminal's cursor or turn its direction."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def _amounts(sums_minor: Mapping[str, int]) -> list[str]:
    return [f"{major(sums_minor[c], digits_of(c))} {c}" for c in sorted(sums_minor)]


def _signed(checkpoint: Checkpoint, key: Key) -> str:
    return f"sealed with {checkpoint.size} leaves and signed by {shown_key(key)}"


def shown_key(key: Key) -> str:
    """A key by its name and the eight digits that stand for it."""
    return f"{key.name}+{key.hash.hex()}"


def _witnessed(witnesses: Iterable[Witnessed]) -> str:
    texts = [f"{shown_key(one.key)} on {_day(one.time_s)}" for one in witnesses]
    return f"witnessed by {', '.join(texts)}" if texts else "witnessed by nobody"


def _day(time_s: int) -> str:
    try:
        return datetime.fromtimestamp(time_s, UTC).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return f"second {time_s}"


def log_of(placed: Placed) -> Answer:
    """Where a paper stands in the log that the reader brought, for programs."""
    return {"index": placed.index} | _tree(placed.checkpoint, placed.keys[-1], placed.witnesses)


def not_known(keys: Iterable[Key], witnesses: list[Witnessed], trust: Trust) -> Iterable[str]:
    """What nobody could check of a log's key and its witnesses."""
    if trust.log_key is None:
        yield (
            "Whose key that is, the file alone cannot show: compare it with one that you have "
            f"from elsewhere, or give that one (--key): {list(keys)[-1].vkey}"
        )
    if not witnesses:
        yield "Nobody witnessed it: others may have been shown another log."
    elif not any(one.is_trusted for one in witnesses):
        names = ", ".join(shown_key(one.key) for one in witnesses)
        yield (
            f"The keys of {names} come from the file itself; give those that you know (--witness)."
        )


def _tree(checkpoint: Checkpoint, key: Key, witnesses: list[Witnessed]) -> Answer:
    return {
        "log": checkpoint.origin,
        "size": checkpoint.size,
        "root": b64.encode(checkpoint.root),
        "signed_by": key.vkey,
        "witnesses": [
            {"key": one.key.vkey, "time_s": one.time_s, "is_trusted": one.is_trusted}
            for one in witnesses
        ],
    }
