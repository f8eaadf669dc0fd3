"""opendata: what everybody may read, in formats that other tools open.

Owns      the one public projection, and what is made of it: the journal and the public file.
Door      `projection.journal_records`, `projection.public_openings`, `actions.build`,
          `queries.shelf`; the pure `core`, which `verify` renders with too.
Promises  no person in it; a thing near the front keeps an opaque name until its delay has passed;
          page, journal and file say the same; the same state gives the same bytes; a file that
          opens what was pulled back is not handed out any more.
Imports   deliveries, giving, needs, ledger, people, translog, kit.
"""
