"""deliveries: goods out.

Owns      requests for quotes and their comparison, orders with their approvals, suppliers'
          accounts, units, invoices, payments to suppliers, hand-over acts.
Door      `actions.propose_order`, `edit_order`, `approve`, `exchange_and_place`, `refuse_order`,
          `cancel_unit`, `pay`,
          `set_serial`; `handing_over` and `correcting` with everything of acts; `given` (a room
          above tells what was given in kind); `queries.public_unit_names`,
          `campaign_progress`, `orders_of`; the pure `core.approval` and `core.publicity`.
          `payees.propose_payee`, `record_call`, `approve_payee`, `stop_payee`;
          `screening.import_list`, `screen`, `decide`; `asking.ask`, `answer`, `state_rate`,
          `comparison_of`; `invoices.record`, `void`.
Promises  an order is placed only with two approvals of its exact content by two people of two
          organisations, neither of them its proposer; placing and taking the cents is one
          transaction; where a thing is near the front, its facts are public only after the delay.
Imports   needs, ledger, people, places, kit.
"""
