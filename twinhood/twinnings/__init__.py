"""twinnings: the bond.

Owns      twinnings between places with their dated, sourced milestones; agreements, their
          instruments and who signed them when, where and in which office.
Door      `queries.twinnings_of`, `queries.bond`, `models.Twinning`.
Promises  one twinning seen from both ends; each fact names its source; what only one list says is
          marked as not confirmed; nothing is deleted when a bond ends or rests.
Imports   people, places, kit.
"""
