"""What a donor adds so that the fee takes nothing from the purpose. Amounts are minor units."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from twinhood.kit.money import parse_minor

_RULE = re.compile(r"([A-Z]{3}) +([0-9]{1,2}(?:\.[0-9]{1,2})?)% +([0-9]+(?:\.[0-9]+)?)")


@dataclass(frozen=True, slots=True)
class FeeRule:
    """A share in hundredths of a percent, rounded half up, and a fixed sum."""

    share_bp: int
    fixed_minor: int

    def fee_minor(self, amount_minor: int) -> int:
        """The fee of a payment of `amount_minor` in all."""
        return (amount_minor * self.share_bp + 5_000) // 10_000 + self.fixed_minor

    def cover_minor(self, gift_minor: int) -> int:
        """The least that must be added to `gift_minor` so that all of it is left after the fee."""
        # The share of the sum that already has the share in it, and then the rounding.
        cover = (gift_minor + self.fixed_minor) * 10_000 // (10_000 - self.share_bp) - gift_minor
        while cover > 0 and self.fee_minor(gift_minor + cover - 1) <= cover - 1:
            cover -= 1
        while self.fee_minor(gift_minor + cover) > cover:
            cover += 1
        return cover


def read_rules(written: str) -> Mapping[str, FeeRule]:
    """Read "USD 2.9% 0.30, EUR 2.9% 0.25": by currency. Raises ValueError."""
    rules = {}
    for part in filter(None, (part.strip() for part in written.split(","))):
        match = _RULE.fullmatch(part)
        if match is None:
            raise ValueError(f"{part!r} is not like 'USD 2.9% 0.30'")
        currency, share, fixed = match.groups()
        whole, _, rest = share.partition(".")
        fixed_minor = parse_minor(fixed, currency, "en") if float(fixed) else 0
        rules[currency] = FeeRule(int(whole + rest.ljust(2, "0")), fixed_minor)
    return rules
