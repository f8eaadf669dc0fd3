"""What an approval binds: the exact content of an order, and who may say yes to it.

An approval names the SHA-256 of the content, so that it is worth nothing for another order, for
another price or after an edit.
"""

import json
from collections.abc import Collection
from dataclasses import asdict, dataclass
from enum import StrEnum
from hashlib import sha256

from twinhood.deliveries.core.ceiling import Rate
from twinhood.deliveries.core.comparing import Beside

APPROVALS_NEEDED = 2
# The sentence that an approver puts their name to: neither I nor anybody close to me gains from
# this order or has a share in its supplier. Another wording gets another name.
NO_INTEREST = "no-interest-1"


@dataclass(frozen=True, slots=True)
class Exchange:
    """The fund of another currency that pays, at which rate, and how much of it at most.

    `price_minor` and `ceiling_minor` are minor units of the fund's `currency`.
    """

    fund_code: str
    currency: str
    rate: Rate
    price_minor: int
    ceiling_minor: int

    def __post_init__(self) -> None:
        if not 0 < self.price_minor <= self.ceiling_minor:
            message = "a ceiling is not below the price"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Content:
    """Everything of an order that somebody approves. Amounts are minor units of `currency`.

    `units` are (code, amount) in the order in which they divide the order's cents; `fund_codes`
    stand in order of preference.
    """

    partnership: str
    order_number: int
    need_number: int
    quote_id: int
    quote_unit_price_minor: int
    supplier_id: int
    supplier_name: str
    currency: str
    fund_codes: tuple[str, ...]
    units: tuple[tuple[str, int], ...]
    reason: str
    proposed_by_id: int
    # Where, when and how the supplier delivers, and what the proposer says of own interests.
    delivery_terms: str = ""
    interest: str = ""
    # The supplier's account that the money goes to.
    payee: str = ""
    exchange: Exchange | None = None

    def __post_init__(self) -> None:
        if not self.units or min(amount for _, amount in self.units) <= 0:
            message = "an order has units, and each has an amount"
            raise ValueError(message)
        if not self.fund_codes or len(set(self.fund_codes)) < len(self.fund_codes):
            message = "an order names its funds, each once"
            raise ValueError(message)

    @property
    def total_minor(self) -> int:
        return sum(amount for _, amount in self.units)


def canonical(content: Content) -> bytes:
    """Write the content as JSON: keys sorted, no spaces, UTF-8, lists in their order."""
    return json.dumps(
        asdict(content), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode()


def fingerprint(content: Content) -> str:
    """SHA-256 of the canonical content, in 64 hexadecimal digits."""
    return sha256(canonical(content)).hexdigest()


class Refusal(StrEnum):
    """Why somebody may not approve an order."""

    NOT_PROPOSED = "not_proposed"
    CHANGED = "changed"
    NO_ROLE = "no_role"
    PROPOSER = "proposer"
    PAYEE = "payee"
    TWICE = "twice"
    SAME_ORGANISATION = "same_organisation"
    SAME_PERSON = "same_person"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Approver:
    """Who wants to approve. `organisation_id` is None without a role that allows it now.

    `same_ids` are other accounts of the same person; `is_known` when two others saw a document.
    """

    person_id: int
    organisation_id: int | None
    same_ids: frozenset[int] = frozenset()
    is_known: bool = True


def why_not_approve(
    approver: Approver,
    content: Content,
    *,
    is_proposed: bool,
    kept_hash: str,
    seen_hash: str,
    approved_by_ids: Collection[int],
    approved_for_ids: Collection[int],
) -> Refusal | None:
    """Return what forbids this approval, or None.

    `kept_hash` is what the order's row says, `seen_hash` what the approver had before them; both
    must be the fingerprint of `content` as it is now. `approved_by_ids` and `approved_for_ids`
    are the people and organisations of the approvals of this content so far.
    """
    if not is_proposed:
        return Refusal.NOT_PROPOSED
    if not kept_hash == seen_hash == fingerprint(content):
        return Refusal.CHANGED
    return _who_may_not(approver, content, approved_by_ids, approved_for_ids)


def _who_may_not(
    approver: Approver,
    content: Content,
    approved_by_ids: Collection[int],
    approved_for_ids: Collection[int],
) -> Refusal | None:
    if approver.organisation_id is None:
        return Refusal.NO_ROLE
    if approver.person_id == content.proposed_by_id:
        return Refusal.PROPOSER
    if approver.organisation_id == content.supplier_id:
        return Refusal.PAYEE
    if approver.person_id in approved_by_ids:
        return Refusal.TWICE
    if approver.organisation_id in approved_for_ids:
        return Refusal.SAME_ORGANISATION
    return why_not_this_person(approver, {content.proposed_by_id, *approved_by_ids})


def why_not_this_person(approver: Approver, others: Collection[int]) -> Refusal | None:
    """Refuse another account of somebody among `others`, and somebody whom nobody knows."""
    if approver.same_ids.intersection(others) - {approver.person_id}:
        return Refusal.SAME_PERSON
    return None if approver.is_known else Refusal.UNKNOWN


QUOTES_NEEDED = 3


def why_reason_is_needed(
    quote: Beside, *, quotes_needed: int = QUOTES_NEEDED, is_above_limit: bool = True
) -> str:
    """Say why the proposer must give a reason: `few_quotes`, `not_lowest`, or "" if none.

    Several quotes of one supplier count as one. Up to the partnership's limit fewer will do; what
    is dearer than another needs a reason always.
    """
    if is_above_limit and len(quote.supplier_ids) < quotes_needed:
        return "few_quotes"
    return "not_lowest" if quote.price_minor > quote.lowest_minor else ""
