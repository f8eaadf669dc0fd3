"""twinnings: the bond.

Owns      twinnings between places with their dated, sourced milestones; agreements, their
          instruments and who signed them when, where and in which office; agreements on their way:
          drafts, versions, proposals, marks, steps; offices and terms; which papers are signed by
          whom; the ceremony; the public registry.
Door      `queries.bond`, `queries.twinnings_of`, `queries.side_of`, `actions.record_twinning`,
          `actions.add_milestone`, `actions.change_state`, `actions.record_agreement`,
          `actions.load_facts`; the verbs of `drafting` and `signing`; the pure `core`.
Promises  one twinning seen from both ends; each fact names its source; what only lists say is
          marked as not confirmed; nothing is deleted when a bond ends or rests; what is recorded
          is never called proved; no word of an agreement changes unless one city proposed it and
          the other accepted it; both agree to one exact version, named by its hash.
Imports   documents, ledger (the books' name in the log), people, places, translog, kit.
"""
