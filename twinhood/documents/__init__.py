"""documents: papers that are frozen, signed in turn, and checked by anybody.

Owns      frozen documents and their revisions, which leaf of the log each has, slots for
          signatures, signatures, the certificates of offices, trusted issuers; photos and scans
          that people send in, and their renditions.
Door      `actions.freeze`, `begin_release`, `sign_here`, `take_to_sign`, `accept_signed`,
          `enter_scan`, `witness_scan`, `refuse`, `last_revision`; `evidence.raise_document`;
          `sealed.copy_of` for papers that the log alone seals, `standing.register` for whether they
          still stand; `files.keep`, `file_fields` for forms, `sight.register` for who may see them;
          `logged.unlogged`, `append`, `place_of`; `offices.revoke`; `store.the_store` for the
          bytes; the pure `core`: `paper` (what stands on it), `capacity` (who may sign today),
          `typesetting`, `signing`, checking.
Promises  from the day it is frozen nothing but signatures changes a document's bytes; what is
          shown of a signature is what was checked, and nobody's own word; the bytes of what
          people send in are private for ever, others see it made anew.
Imports   people, places, translog, kit. It knows nothing of what a document is about.
"""
