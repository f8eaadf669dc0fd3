"""Run the benchmarks and write `benchmarks/results.json`.

A benchmark is a function without arguments in some module of this folder that has
`BENCHMARKS: dict[str, Callable[[], list[Result]]]`; a result is a dict with `name`, `value`,
`unit`, `goal` and `met`. `python -m benchmarks.run replay` runs those whose name begins so.
"""

import importlib
import json
import os
import pkgutil
import platform
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import benchmarks

Result = dict[str, Any]
Benchmark = Callable[[], list[Result]]

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"


def main(arguments: list[str]) -> int:
    """Run what is asked for, keep the other results of the same revision, and say what missed.

    Each runs in a process of its own (`--one NAME`), since each may have a database of its own.
    """
    if arguments[:1] == ["--one"]:
        print(json.dumps(dict(found())[arguments[1]]()))
        return 0
    wanted = arguments[0] if arguments else ""
    chosen = sorted(name for name, _ in found() if name.startswith(wanted))
    if not chosen:
        print(f"No benchmark's name begins with {wanted!r}: {', '.join(n for n, _ in found())}.")
        return 2
    results = {result["name"]: result for result in kept()}
    failed = [name for name in chosen if not measured(name, results)]
    write(list(results.values()))
    missed = [name for name, result in results.items() if not result["met"]]
    if failed:
        print(f"Could not run: {', '.join(failed)}.")
    if missed:
        print(f"Goals missed: {', '.join(missed)}.")
    return int(bool(failed))


def found() -> Iterator[tuple[str, Benchmark]]:
    """Yield every benchmark of every module in this folder."""
    for module in sorted(pkgutil.iter_modules(benchmarks.__path__), key=lambda m: m.name):
        if module.name != "run":
            known = getattr(importlib.import_module(f"benchmarks.{module.name}"), "BENCHMARKS", {})
            yield from known.items()


def measured(name: str, results: dict[str, Result]) -> bool:
    """Run one, print its results and add them; False if it could not run."""
    print(f"{name} …", flush=True)
    started = time.monotonic()
    command = [sys.executable, "-m", "benchmarks.run", "--one", name]
    done = subprocess.run(command, cwd=HERE.parent, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        return False
    for result in json.loads(done.stdout.splitlines()[-1]):
        mark = "met" if result["met"] else "MISSED"
        print(
            f"  {result['name']}: {result['value']} {result['unit']}"
            f" (goal {result['goal']}, {mark})"
        )
        results[result["name"]] = result
    print(f"  took {time.monotonic() - started:.0f} s", flush=True)
    return True


def kept() -> list[Result]:
    """Return earlier results of this very revision, so that ONLY= adds to them."""
    try:
        earlier = json.loads(RESULTS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    same = earlier.get("revision") == revision() and earlier.get("machine") == machine()
    return list(earlier["results"]) if same else []


def write(results: list[Result]) -> None:
    document = {"machine": machine(), "revision": revision(), "results": results}
    draft = RESULTS.with_suffix(".new")
    draft.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    draft.replace(RESULTS)
    print(f"Written: {RESULTS.relative_to(HERE.parent)}")


def machine() -> str:
    """Describe the machine: figures from another one mean something else."""
    memory_gb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return (
        f"{os.cpu_count()} cores {platform.machine()}, {memory_gb:.0f} GiB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}"
    )


def revision() -> str:
    """Return the commit measured; a `+` says that files differ from it."""
    head = git("rev-parse", "--short=12", "HEAD")
    return f"{head}+" if git("status", "--porcelain", "--untracked-files=no") else head


def git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=HERE, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or ("unknown" if done.returncode else "")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
