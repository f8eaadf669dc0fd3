"""treasury: the bank, where money in and money out meet.

Owns      the reasons of moves, closed months; all else it writes through the ledger.
Door      `actions.exchange`, `move`, `repay_advance`; `closing.close`, `reopen`;
          `queries.move_reasons`. Cores: `month`, `camt`,
          `csv_look` and `csv_statement` (files to values), `identity` (the same line again),
          `matching` (which pledge it may be).
Promises  an exchange books what the bank's own two lines say, never a computed rate; the same
          form sent twice exchanges once; money moves between funds of one currency whole.
Imports   giving, ledger, people, places, kit.
"""
