"""The nouns of giving, one file for each family. Amounts are minor units of the row's currency."""

from twinhood.giving.models.gift import KEY, Dispute, Donor, Gift, GiftQuerySet, Link, Mark, Refund
from twinhood.giving.models.in_kind import InKindGift
from twinhood.giving.models.mail import ChangeTold, Mail
from twinhood.giving.models.matching import MatchOffer, MatchPayment
from twinhood.giving.models.payout import Payout, PayoutPart
from twinhood.giving.models.place import Moment, Visit
from twinhood.giving.models.pledge import Notice, Pledge, RecurringGift, RecurringPeriod
from twinhood.giving.models.reallocation import Choice, Reallocation, ReturnRight
from twinhood.giving.models.receipt import (
    Issuer,
    Receipt,
    ReceiptCounter,
    ReceiptExport,
    ReceiptMark,
)
from twinhood.giving.models.refund_request import RefundRequest
from twinhood.giving.models.team import Team, TeamPledge

__all__ = [
    "KEY",
    "ChangeTold",
    "Choice",
    "Dispute",
    "Donor",
    "Gift",
    "GiftQuerySet",
    "InKindGift",
    "Issuer",
    "Link",
    "Mail",
    "Mark",
    "MatchOffer",
    "MatchPayment",
    "Moment",
    "Notice",
    "Payout",
    "PayoutPart",
    "Pledge",
    "Reallocation",
    "Receipt",
    "ReceiptCounter",
    "ReceiptExport",
    "ReceiptMark",
    "RecurringGift",
    "RecurringPeriod",
    "Refund",
    "RefundRequest",
    "ReturnRight",
    "Team",
    "TeamPledge",
    "Visit",
]
