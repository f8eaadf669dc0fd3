"""giving: money in.

Owns      donors (encrypted), pledges, gifts in their stages, refunds, disputes, receipts, letters
          to donors, the rails that bring money.
Door      `actions.intake` (one gift, for rails), `take_in` (many, for forms), `post_settled`,
          `refund_gift`, `renew_secret`, `erase`; `queries.gift_by_secret`, `names_for`,
          `latest_givers`, `totals`, `unposted`; `disputes.opened`, `won`, `lost`; `fields` (what
          treasurers' forms share); `rails.RAILS`;
          `pledging.make`, `settle`, `fail`, `expire` (for rails);
          `in_kind.take_in`, `hand_over` (things, as their act says);
          `matching.record`, `figure`; `reallocation.ask`, `confirm`, `choose` (withdrawn needs).
Promises  a gift is taken in once (unique key) and posted once, after any crash; a donor's name
          shows only where they asked for it; the secret of a gift is stored hashed, its public
          `ref` leads nowhere; a rail is one folder and one line.
Imports   needs, ledger, people, places, kit.
"""
