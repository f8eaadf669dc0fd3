"""verify: what anyone can recompute, with nothing but Python.

Owns      `twinhood verify`: a public file or the proof of a gift in, what holds out;
          a signed paper in, what was found out about it;
          `twinhood replay`: a journal in, what became of each cent out.
Door      `command.main`, `public_file.verify`, `gift.verify`, `paper.verify`; `cli.main`,
          `replay.replay`.
Promises  no database, no network, no Django; memory is bounded by gifts, pieces and openings,
          whatever the file holds; the answer follows from the file alone; no byte of a file that
          holds could be another.
Imports   the pure cores; `paper` alone needs pyHanko and pikepdf, and imports them when asked.
"""
