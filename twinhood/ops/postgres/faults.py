"""What PostgreSQL says when it does not start, in one sentence with the next step."""

import re
from pathlib import Path

from twinhood.ops.errors import OpsError
from twinhood.ops.postgres.account import Account

MEGABYTE = 1024 * 1024


def explain(log: str, data_dir: Path, account: Account) -> OpsError:
    """Return the sentence for what the log says; unknown faults quote its last telling line."""
    for pattern, sentence in KNOWN:
        if re.search(pattern, log, re.IGNORECASE):
            return OpsError(sentence.format(data_dir=data_dir, user=account.name))
    return OpsError(f"PostgreSQL did not start in {data_dir}. It said: {_telling_line(log)}")


KNOWN = (
    (
        r"no space left on device|disk quota exceeded",
        "The disk that holds {data_dir} is full: free some space and start again; "
        "nothing that was acknowledged is lost.",
    ),
    (
        r"lock file .* already exists|pre-existing shared memory block",
        "Another PostgreSQL that Twinhood did not start is using {data_dir}: stop that one first.",
    ),
    (
        r"has (wrong ownership|invalid permissions|group or world access)",
        "{data_dir} must belong to {user} and be closed to everybody else (mode 0700).",
    ),
    (
        r"permission denied|read-only file system",
        "PostgreSQL runs as {user}, which may not write in {data_dir}: mend the folder's rights.",
    ),
    (
        r"could not map anonymous shared memory|cannot allocate memory",
        "There is not enough memory to start PostgreSQL (it takes about 200 MB).",
    ),
    (
        r"error while loading shared libraries|glibc|library not loaded",
        "The PostgreSQL that came with the packages does not fit this system: "
        "set DATABASE_URL to a server of yours.",
    ),
    (
        r"could not locate a valid checkpoint record|invalid primary checkpoint",
        "The database in {data_dir} is damaged: restore it from a backup, and keep a copy of "
        "the damaged folder.",
    ),
)


def _telling_line(log: str) -> str:
    """Return the last lines that sound like a reason, without their times and process ids."""
    lines = [re.sub(r"^[\d: .-]+ UTC \[\d+\] ", "", line.strip()) for line in log.splitlines()]
    loud = [line for line in lines if re.search(r"FATAL|PANIC|error|invalid", line)]
    return "; ".join((loud or [line for line in lines if line] or ["nothing"])[-2:])


def disk_full(folder: Path, free_bytes: int) -> OpsError:
    return OpsError(
        f"A new database needs about 300 MB, and the disk that holds {folder} has "
        f"{free_bytes // MEGABYTE} MB left: free some space and start again."
    )


def refuse_other_major(data_dir: Path, written: str, ours: int) -> None:
    """Raise unless the data were written by the PostgreSQL that we bring."""
    if not written.strip().isdecimal():
        raise OpsError(f"The database in {data_dir} is damaged: restore it from a backup.")
    found = int(written)
    if found < ours:
        raise OpsError(
            f"The data in {data_dir} are PostgreSQL {found}'s, and this Twinhood brings {ours}: "
            f"dump them with the old Twinhood's pg_dump, then restore them into a new folder."
        )
    if found > ours:
        raise OpsError(
            f"The data in {data_dir} are PostgreSQL {found}'s, newer than this Twinhood, which "
            f"brings {ours}: use the Twinhood that wrote them."
        )
