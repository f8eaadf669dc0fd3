"""twinnings: the bond.

Owns      twinnings between places with their dated, sourced milestones; agreements, their
          instruments and who signed them when, where and in which office; the public registry.
Door      `queries.bond`, `queries.twinnings_of`, `actions.record_twinning`,
          `actions.add_milestone`, `actions.record_agreement`, `actions.load_facts`.
Promises  one twinning seen from both ends; each fact names its source; what only lists say is
          marked as not confirmed; nothing is deleted when a bond ends or rests; what is recorded
          is never called proved.
Imports   people, places, kit.
"""
