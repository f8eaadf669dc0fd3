"""The entry of a payout: what a rail had collected arrives at the bank."""

from twinhood.ledger.core.entry import AccountName, Entry, Transfer

ASSETS = "assets:"


def gathered(*, key: str, from_code: str, to_code: str, amount_minor: int, currency: str) -> Entry:
    """Move money between two places where it lies; raises ValueError for other accounts."""
    if not (from_code.startswith(ASSETS) and to_code.startswith(ASSETS)):
        raise ValueError(f"money lies in assets: {from_code}, {to_code}")
    move = Transfer(AccountName(to_code, currency), AccountName(from_code, currency), amount_minor)
    return Entry(key, "payment", (move,))
