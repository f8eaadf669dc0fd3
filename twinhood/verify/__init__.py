"""verify: what anyone can recompute, with nothing but Python.

Owns      `twinhood replay`: a journal in, what became of each cent out.
Door      `cli.main`, `replay.replay`.
Promises  no database, no network, no Django; memory is bounded by the journal's gifts and pieces,
          whatever the file holds; the answer follows from the file alone.
Imports   the pure cores.
"""
