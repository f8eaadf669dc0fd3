"""transport: how things get from where they were bought into the hands that asked for them.

Owns      shipments with what is in them, their legs, customs and the report that is due after
          it, rates of the day, what was damaged or lost on the way, and papers made of all this.
Door      `actions.begin`, `load`, `plan_leg`, `record_leg`, `declare`, `clear_customs`, `report`,
          `state_rate`, `record_damage`, `record_remedy`, `cancel`; `queries.shipments_of`,
          `shipment_at_work`, `reports_running`; `papers.paper`; `given` (what was given in kind,
          for acts); the pure `core.legs`, `core.reporting`.
Promises  a thing is in one live shipment; dates stand in their order; a declaration's code is
          known once; what was declared stays; the report's day is the 90th after customs, counted
          where the things arrive; nothing of a way is public before its hand-over is.
Imports   deliveries, giving, needs, documents, people, places, kit.
"""
