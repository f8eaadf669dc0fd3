"""Papers: what freezing costs beside Typst alone, and how long a signature takes with a timestamp
server on loopback, from the stamp in its box to the timestamp over its evidence.
"""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

ROUNDS = 15
PAGES = 6
FREEZING_TIMES_MAX = 2.0
SIGNATURE_S_MAX = 1.0


def freezing_times() -> float:
    """How many times Typst alone, for an agreement of six pages that is another each time."""
    import io

    import pikepdf

    from twinhood.documents.core import typesetting
    from twinhood.documents.paper_words import setting_of
    from twinhood.documents.tests.papers import agreement

    paper = agreement(articles=30)
    setting = setting_of(paper, code="3AGREEMENT", check_url="https://localhost/v/3AGREEMENT")
    data = typesetting.typeset(paper, setting)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        assert len(pdf.pages) >= PAGES, len(pdf.pages)

    def alone(number: int) -> None:
        typesetting.pages_of(replace(paper, version=f"a{number}"), setting)

    def whole(number: int) -> None:
        typesetting.typeset(replace(paper, version=f"b{number}"), setting)

    return seconds(whole) / seconds(alone)


def signature_s() -> float:
    """Stamp, signature with its timestamp, evidence, timestamp over all of it."""
    from twinhood.documents.core import authority, signing, typesetting
    from twinhood.documents.core.authority import Identity
    from twinhood.documents.paper_words import setting_of
    from twinhood.documents.tests import tsa as servers
    from twinhood.documents.tests.papers import agreement
    from twinhood.documents.timestamps import Server

    at = datetime.now(UTC).replace(microsecond=0)
    key, own = authority.new_key(), authority.new_key()
    root = authority.root(name="DEMO", key=key, serial=1, at=at)
    issuer = Identity(root, key, root)
    made = authority.office(
        issuer, name="DEMO", organisation="", key=own, serial=2, at=at,
        until=at + timedelta(days=30), list_url="http://localhost/list.crl",
    )  # fmt: skip
    office = Identity(made, own, root)
    listed = authority.revocation_list(issuer, [], number=1, at=at)
    paper = agreement(articles=30)
    setting = setting_of(paper, code="3AGREEMENT", check_url="https://localhost/v/3AGREEMENT")
    frozen = typesetting.typeset(paper, setting)

    with servers.running() as tsa:

        def sign(number: int) -> None:
            facts = typesetting.Stamp("DEMO", "Mayor", [f"{number}"], "0123456789abcdef")
            stamper = Server(tsa.url, 5.0)
            signed = signing.sign(
                frozen, field="Side1", identity=office, at=at, reason="", timestamper=stamper,
                stamp=typesetting.stamp(facts),
            )  # fmt: skip
            assert signed.has_timestamp, signed.problem
            evidence = signing.Evidence([made, root, tsa.certificate], [listed, tsa.list])
            signing.add_evidence(signed.data, evidence, timestamper=stamper, field="Timestamp1")

        return seconds(sign)


def seconds(work: Callable[[int], None]) -> float:
    """The median of some rounds, after a first one that does not count."""
    work(-1)
    taken = []
    for number in range(ROUNDS):
        started = time.perf_counter()
        work(number)
        taken.append(time.perf_counter() - started)
    return median(taken)


def documents() -> list[dict[str, Any]]:
    """Both, in one process without a database."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "twinhood.settings")
    django.setup()
    times, took_s = freezing_times(), signature_s()
    return [
        {
            "name": "freezing_times_typst",
            "value": round(times, 2),
            "unit": "times Typst alone",
            "goal": FREEZING_TIMES_MAX,
            "met": times <= FREEZING_TIMES_MAX,
        },
        {
            "name": "signature_with_timestamp_s",
            "value": round(took_s, 3),
            "unit": "s",
            "goal": SIGNATURE_S_MAX,
            "met": took_s < SIGNATURE_S_MAX,
        },
    ]


BENCHMARKS = {"documents": documents}

if __name__ == "__main__":
    print(json.dumps(documents(), indent=1))
