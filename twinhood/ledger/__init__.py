"""ledger: the books, and the line that says where each cent went.

Owns      accounts, entries of transfers, balances; funds with their line of segments, uses, pieces.
Door      `actions.open_fund`, `post_income`, `place_order`, `refund`, `exchange`, `pay_supplier`;
          `freeing.cancel`, `reduce`; `dues.hold`, `release`, `repay_advance`,
          `credit_from_supplier`, `bear`; `months.close_before`; `things.book` (given in kind);
          `queries.trace`, `sources`, `gifts_of`, `orderable_minor`; the pure `core`.
Promises  debits equal credits because nothing else can be written; posted rows never change;
          fund balance = head − live uses; a fund never spends more than was given. Each is kept
          three times: the core raises, the database refuses, `twinhood replay` recomputes.
          Nothing is dated into a closed month: what is learned late belongs to the first open day.
          Every entry has one leaf in the log, written in the same transaction.
Imports   translog, people, places, kit. It names gifts and orders only by reference ("gift:7Q2F").
"""
