"""How long it takes to check a finished agreement (B-LTA, signed by both), warm, in one process."""

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any

ROUNDS = 15
CHECK_S_MAX = 0.5

Result = dict[str, Any]


def checked() -> list[Result]:
    """The median of fifteen checks of the example's agreement, after one that warms up."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "twinhood.settings")
    django.setup()
    from twinhood.documents import specimen
    from twinhood.documents.core.checking import check
    from twinhood.documents.core.checking_report import Anchor, Known, Verdict
    from twinhood.documents.tests.papers import agreement

    now = datetime.now(UTC)
    signed_at = (now - timedelta(hours=5), now - timedelta(hours=1))
    made = specimen.signed(agreement(articles=30), signed_at)
    data, known = made.data, Known(anchors=(Anchor(made.root, "the benchmark"),))
    verdict = check(data, known, at=now).verdict
    assert verdict is Verdict.HOLDS, verdict
    took_s = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        check(data, known, at=now)
        took_s.append(time.process_time() - begun)
    value = round(median(took_s), 3)
    return [
        {
            "name": "paper_check_s",
            "value": value,
            "unit": "s",
            "goal": CHECK_S_MAX,
            "met": value < CHECK_S_MAX,
        }
    ]


BENCHMARKS: dict[str, Callable[[], list[Result]]] = {"documents-check": checked}

if __name__ == "__main__":
    print(json.dumps(checked(), indent=1))
