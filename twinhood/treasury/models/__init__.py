"""The nouns of the treasury. Amounts are minor units of the account's or fund's currency."""

from twinhood.treasury.models.bank import (
    MAIN,
    BankAccount,
    CsvMapping,
    Decision,
    Match,
    Statement,
    StatementFile,
    StatementLine,
)
from twinhood.treasury.models.closed_month import ClosedMonth
from twinhood.treasury.models.giver import GiverChange
from twinhood.treasury.models.move import Move

__all__ = [
    "MAIN",
    "BankAccount",
    "ClosedMonth",
    "CsvMapping",
    "Decision",
    "GiverChange",
    "Match",
    "Move",
    "Statement",
    "StatementFile",
    "StatementLine",
]
