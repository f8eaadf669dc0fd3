"""opendata: what everybody may read, in formats that other tools open.

Owns      the one public projection, and the journal made of it.
Door      `projection.journal_records`, `projection.latest_entries`.
Promises  no person in it; a thing near the front keeps an opaque name until its delay has passed;
          page, journal and every later format say the same.
Imports   deliveries, giving, needs, ledger, people, kit.
"""
