"""The machine room.

Owns: the embedded PostgreSQL, `twinhood run` and what it starts, `doctor`, `manage`, translations.
Door: `postgres.start`, `run.main`, `doctor.main`, `manage.main`, `translations.compile_all`.
Promises: two commands suffice; what was acknowledged survives any death of any process; each
expected fault is one sentence (`OpsError`); nothing started is left running.
Imports: no Django before there are settings; then whatever lies below.
"""
