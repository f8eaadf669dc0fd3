"""treasury: the bank, where money in and money out meet.

Owns      bank accounts, statements, their lines and what each was matched with; the reasons of
          moves; closed months. All money it writes through the ledger and giving.
Door      `actions.exchange`, `move`, `repay_advance`; `closing.close`, `reopen`;
          `resolving.resolve` (a withdrawn need); `inbox.inbox`, `trail.trail`, `exports`;
          `sampling.draw` (for an auditor);
          `queries.move_reasons`; `statements.keep`, `plans_of`, `take_in`; `bank.accept_pledge`,
          `book_gift`, `match_entries`, `accept_payout`, `book_cost`, `ignore`, `undo`;
          `suggesting.understood`; `entries.unmatched`. Cores: `month`, `camt`,
          `csv_look` and `csv_statement` (files to values), `identity` (the same line again),
          `taking` (what a file adds), `matching` (which pledge it may be).
Promises  an exchange books what the bank's own two lines say, never a computed rate; the same
          form sent twice exchanges once; money moves between funds of one currency whole;
          a bank's line is matched, open or ignored for a reason, and never two of these; nothing
          is booked from the bank without a person; what was decided is undone, never deleted.
Imports   giving, deliveries, needs, ledger, people, places, kit.
"""
