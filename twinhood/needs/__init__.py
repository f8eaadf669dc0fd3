"""needs: the ask.

Owns      needs with their evidence, verification, confirmations, changes and quotes, the catalogue
          of common things, who heads a beneficiary; campaigns with their target and progress.
Door      `actions.write_need`, `write_institution`, `edit_need`, `submit`, `verify`, `refuse`,
          `withdraw`, `confirm`, `add_quote`, `plan_campaign`, `set_terms`, `open_campaign`,
          `add_to_campaign`; `evidence.say`; `changing.propose`, `agree`, `decline`;
          `queries.public_needs`, `needs_of`, `campaign_of`, `items_of`; the pure `core.goal`
          and `core.catalogue`; `inputs` and `words` for forms and pages of the rooms above.
Promises  nobody verifies a need that they wrote; where the partnership is in a conflict zone two
          others do, and somebody called; what was verified changes by the word of two; a campaign
          states its fallback, surplus rule and end before its first gift; the target is the sum
          of its items; nothing is public before the delay is over.
Imports   documents, ledger, people, places, kit.
"""
