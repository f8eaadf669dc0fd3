"""A gift that a treasurer enters, before it has a name of its own."""

from dataclasses import dataclass, field
from datetime import date

from twinhood.giving.core.sealing import DonorFacts


@dataclass(frozen=True, slots=True)
class OfflineGift:
    """Cash, a cheque or a wire that has arrived. Amounts are minor units of `currency`.

    `intake_key` is what the rail calls the gift (a bank's number, a row of a sheet): the same key
    of the same rail is the same gift. `counted_by_id` is the second person who counted cash.
    """

    rail: str
    intake_key: str
    fund_code: str
    amount_minor: int
    currency: str
    received_date: date
    fee_minor: int = 0
    donor: DonorFacts = field(default_factory=DonorFacts)
    donor_language: str = "en"
    shows_name: bool = False
    purpose: str = ""
    note: str = ""
    counted_by_id: int | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.rail, self.intake_key
