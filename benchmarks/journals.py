"""Large journals, the same on every machine: plain, fragmented, circular, chained.

Amounts are minor units. Each maker yields records in posting order; `write` makes a file of them.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

Record = dict[str, Any]


def plain(gifts: int = 1_000_000, orders: int = 1_000) -> Iterator[Record]:
    """Gifts to one fund, and orders that take most of it, in between."""
    random = _drawn(1)
    yield {"kind": "fund", "fund": "kramatorsk-usd", "currency": "USD"}
    each = gifts // orders
    for number in range(gifts):
        yield _gift(random, number, "kramatorsk-usd")
        if number % each == each - 1:
            yield _order(number // each, "kramatorsk-usd", each * 4000)


def refunded(
    gifts: int = 1_000_000, orders: int = 1_000, refunds: int = 10_000
) -> Iterator[Record]:
    """The plain journal with refunds of gifts already spent, and twenty exchanges."""
    random = _drawn(2)
    yield {"kind": "fund", "fund": "kramatorsk-uah", "currency": "UAH"}
    every, last = gifts // refunds, gifts // 20
    for number, record in enumerate(plain(gifts, orders)):
        yield record
        if number % every == every - 1:
            source = f"gift:{random.randrange(number * 9 // 10):07}"
            yield {"kind": "refund", "key": f"refund:{number}", "source": source, "amount": 400}
        if number % last == last - 1:
            amount = last * 10
            yield _exchange(number, "kramatorsk-usd", amount, "kramatorsk-uah", amount * 41 + 7)


def fragmented(gifts: int = 100_000) -> Iterator[Record]:
    """Every gift refunded in part; orders over all the fragments, cancelled and placed again."""
    random = _drawn(3)
    yield {"kind": "fund", "fund": "a", "currency": "USD"}
    for number in range(gifts):
        yield _gift(random, number, "a", least=1000)
    for number in range(gifts):
        yield {
            "kind": "refund", "key": f"refund:{number}",
            "source": f"gift:{number:07}", "amount": random.randint(1, 300),
        }  # fmt: skip
    for number in range(gifts // 10):
        yield _order(number, "a", random.randint(1, 9000))
        if number % 3:
            yield {"kind": "cancel", "key": f"cancel:{number}", "order": f"order:{number:06}"}
    yield _order(gifts, "a", gifts * 300)
    for number in range(0, gifts, 2):
        source = f"gift:{number:07}"
        yield {"kind": "refund", "key": f"again:{number}", "source": source, "amount": 300}


def circular(rounds: int = 20_000) -> Iterator[Record]:
    """Two funds that send each other what they have, while gifts are given and refunded."""
    random = _drawn(4)
    yield {"kind": "fund", "fund": "a", "currency": "USD"}
    yield {"kind": "fund", "fund": "b", "currency": "EUR"}
    for number in range(rounds):
        yield _gift(random, number, "ab"[number % 2], least=1000)
        here, there = "ab"[number % 2], "ba"[number % 2]
        yield _exchange(number, here, random.randint(500, 900), there, random.randint(100, 600))
        if number % 3 == 2:
            source = f"gift:{random.randrange(number):07}"
            yield {"kind": "refund", "key": f"refund:{number}", "source": source, "amount": 150}
    yield _order(0, "a", rounds * 20)


def chained(length: int = 5_000, gifts: int = 100) -> Iterator[Record]:
    """The money of some gifts goes through thousands of funds, one after the other."""
    random = _drawn(5)
    for number in range(length + 1):
        yield {"kind": "fund", "fund": f"f{number}", "currency": ("USD", "UAH")[number % 2]}
    for number in range(gifts):
        yield _gift(random, number, "f0", least=1000)
    amount = gifts * 1000
    for number in range(length):
        yield _exchange(number, f"f{number}", amount, f"f{number + 1}", amount)
    yield _order(0, f"f{length}", amount)
    for number in range(0, gifts, 2):
        source = f"gift:{number:07}"
        yield {"kind": "refund", "key": f"refund:{number}", "source": source, "amount": 500}


JOURNALS: dict[str, Callable[[], Iterator[Record]]] = {
    "plain": plain,
    "refunded": refunded,
    "fragmented": fragmented,
    "circular": circular,
    "chained": chained,
}


def write(records: Iterator[Record], path: Path) -> Path:
    """Write a journal as JSON Lines; return its path."""
    with path.open("w", encoding="utf-8") as out:
        out.writelines(json.dumps(record, separators=(",", ":")) + "\n" for record in records)
    return path


def _drawn(seed: int) -> Random:
    return Random(seed)  # noqa: S311 (the same journal everywhere; no secret)


def _gift(random: Random, number: int, fund: str, least: int = 500) -> Record:
    amount = random.randint(least, 10_000)
    fee = amount * 29 // 1000 + 30 if number % 2 else 0
    return {"kind": "gift", "key": f"gift:{number:07}", "fund": fund, "amount": amount, "fee": fee}


def _order(number: int, fund: str, amount: int) -> Record:
    half = amount // 2
    units = [{"unit": "1", "amount": amount - half}] + [{"unit": "2", "amount": half}] * (half > 0)
    return {"kind": "order", "key": f"order:{number:06}", "funds": [fund], "units": units}


def _exchange(number: int, fund: str, amount: int, to: str, received: int) -> Record:
    return {
        "kind": "exchange", "key": f"exchange:{number}", "fund": fund, "amount": amount,
        "to": to, "received": received,
    }  # fmt: skip
