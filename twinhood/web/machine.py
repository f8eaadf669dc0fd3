"""How the machine is: a page for its operator, and the same figures for a monitoring program."""

import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from shutil import disk_usage
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Max
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker

from twinhood.giving import queries as giving
from twinhood.kit import clock
from twinhood.people.models import Person
from twinhood.translog import queries as translog
from twinhood.translog.errors import TilesMissing

UNPOSTED_AGE_MAX_S = 15 * 60
WORKER_SILENCE_MAX_S = 120
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# A proxy that passes a visitor on says so in one of these; then the address is not the visitor's.
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP")


@dataclass(frozen=True, slots=True)
class State:
    """The machine as it is now. Ages are seconds, None where there is nothing to be old."""

    unposted: int
    unposted_age_s: float | None
    unsealed: int
    log_size: int
    checkpoint_age_s: float | None
    is_log_ahead: bool
    free_bytes: int
    worker_age_s: float | None
    failed_jobs: int

    @property
    def is_posting_late(self) -> bool:
        return (self.unposted_age_s or 0) > UNPOSTED_AGE_MAX_S

    @property
    def is_worker_silent(self) -> bool:
        return self.worker_age_s is None or self.worker_age_s > WORKER_SILENCE_MAX_S

    @property
    def is_disk_full(self) -> bool:
        return self.free_bytes < settings.FREE_BYTES_MIN

    @property
    def is_well(self) -> bool:
        return not (
            self.is_posting_late or self.is_worker_silent or self.is_disk_full or self.is_log_ahead
        )


def state() -> State:
    """Look at the machine; six small queries, whatever the number of gifts."""
    now = clock.now()
    unposted, sealed = giving.unposted(), translog.latest()
    beat = ProcrastinateWorker.objects.aggregate(last=Max("last_heartbeat"))["last"]
    folder = settings.VAR_DIR if settings.VAR_DIR.exists() else settings.VAR_DIR.parent
    return State(
        unposted=unposted.count,
        unposted_age_s=_age_s(unposted.oldest_at, now),
        unsealed=translog.waiting_count(),
        log_size=sealed.size if sealed else 0,
        checkpoint_age_s=_age_s(sealed.sealed_at if sealed else None, now),
        is_log_ahead=_is_log_ahead(),
        free_bytes=disk_usage(folder).free,
        worker_age_s=_age_s(beat, now),
        failed_jobs=ProcrastinateJob.objects.filter(status="failed").count(),
    )


def _age_s(since: datetime | None, now: datetime) -> float | None:
    return None if since is None else max(0.0, (now - since).total_seconds())


def _is_log_ahead() -> bool:
    try:
        return translog.is_ahead() is not None
    except TilesMissing:
        return True


@require_safe
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """The operator's page; whoever is none learns not even that it exists."""
    if not isinstance(request.user, Person) or not request.user.is_operator:
        raise Http404
    return render(request, "web/machine.html", {"state": state()})


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """The figures in Prometheus' text format, for this machine itself or for who has the token."""
    if not _may_read_metrics(request):
        raise Http404
    return HttpResponse("".join(_lines(state())), content_type=METRICS_TYPE)


def _may_read_metrics(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        told = request.headers.get("Authorization", "")
        return hmac.compare_digest(told.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    is_passed_on = any(header in request.META for header in FORWARDED)
    return not is_passed_on and _is_loopback(request.META.get("REMOTE_ADDR", ""))


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Figure:
    """One metric: its name without `twinhood_`, what it means, and how it is read."""

    name: str
    help: str
    value: Callable[[State], float | None]


FIGURES = (
    Figure("unposted_gifts", "Settled gifts that wait to be posted.", lambda s: s.unposted),
    Figure(
        "oldest_unposted_gift_age_seconds",
        "Age of the oldest unposted gift; 0 if none waits.",
        lambda s: s.unposted_age_s or 0,
    ),
    Figure("unsealed_leaves", "Leaves that wait to be sealed.", lambda s: s.unsealed),
    Figure("log_size_leaves", "Leaves in the sealed log.", lambda s: s.log_size),
    Figure("checkpoint_age_seconds", "Age of the checkpoint.", lambda s: s.checkpoint_age_s),
    Figure(
        "log_ahead_of_database",
        "1 if the published log is ahead of the database, or its tiles are missing.",
        lambda s: int(s.is_log_ahead),
    ),
    Figure("free_disk_bytes", "Free disk where this installation writes.", lambda s: s.free_bytes),
    Figure(
        "worker_heartbeat_age_seconds",
        "Seconds since the worker's last sign of life.",
        lambda s: s.worker_age_s,
    ),
    Figure("failed_jobs", "Jobs of the worker that failed for good.", lambda s: s.failed_jobs),
)


def _lines(found: State) -> Iterator[str]:
    """Each figure with its help and type; one that nothing is known of is left out."""
    for figure in FIGURES:
        value: Any = figure.value(found)
        if value is not None:
            name = f"twinhood_{figure.name}"
            yield f"# HELP {name} {figure.help}\n# TYPE {name} gauge\n{name} {value}\n"
