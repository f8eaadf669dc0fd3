"""deliveries: goods out.

Owns      orders with their approvals, units, payments to suppliers, hand-over acts.
Door      `actions.propose_order`, `approve`, `place`, `cancel_unit`, `hand_over`, `pay`;
          `queries.units_of`, `public_unit`, `public_unit_names`; the pure `core.approval`.
Promises  an order is placed only with two approvals of its exact content by two people of two
          organisations, neither of them its proposer; placing and taking the cents is one
          transaction; where a thing is near the front, its facts are public only after the delay.
Imports   needs, ledger, people, places, kit.
"""
