"""needs: the ask.

Owns      needs with their verification and quotes; campaigns with their target and progress.
Door      `actions.write_need`, `submit`, `verify`, `refuse`, `withdraw`, `add_to_campaign`,
          `add_quote`; `queries.campaign_of`, `needs_of`; the pure `core.goal`.
Promises  nobody verifies a need that they wrote; where the partnership is in a conflict zone two
          others do; a campaign states its fallback, surplus rule and end before its first gift;
          the target is the sum of its items.
Imports   ledger, people, places, kit.
"""
