"""Gifts as their receipts need them, read many at a time, and the drafts made of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from twinhood.giving.core.receipt import ReceiptGift, ReceiptKind
from twinhood.giving.core.sealing import DonorFacts
from twinhood.giving.fields import fund_title
from twinhood.giving.keys import MasterKeys, open_donor
from twinhood.giving.models import Donor, Issuer, Receipt
from twinhood.giving.receipt_writing import Draft
from twinhood.ledger.models import Fund
from twinhood.people.models import Partnership

DONORS_BATCH = 500

# A gift with what its receipt needs; posted, with a donor who is not forgotten. What a lost
# dispute took and a bank sent back is no refund any more once it came back.
GIFTS = """
SELECT gift.id, gift.ref, gift.partnership_id, gift.fund_id, gift.donor_id, gift.amount_minor,
       gift.currency, gift.received_date, gift.purpose, issuer.id, donor.sealed,
       donor.wrapped_key, donor.email_index IS NOT NULL AND donor.bounced_at IS NULL,
       coalesce(pledge.language, donor.language), coalesce(pledge.rule, ''),
       coalesce(pledge.has_gift_aid, false), coalesce(refunds.given_back, 0)::bigint
  FROM giving_gift gift
  JOIN giving_donor donor ON donor.id = gift.donor_id AND donor.sealed IS NOT NULL
  JOIN people_partnership partnership ON partnership.id = gift.partnership_id
  JOIN giving_issuer issuer ON issuer.organisation_id = partnership.recipient_id
  JOIN LATERAL (
    SELECT true FROM ledger_entry entry
     WHERE entry.key = 'gift:' || gift.ref AND entry.partnership_id + 0 = gift.partnership_id
     LIMIT 1
  ) AS posted ON true
  LEFT JOIN giving_recurringperiod period ON period.gift_id = gift.id
  LEFT JOIN giving_recurringgift recurring ON recurring.id = period.recurring_id
  LEFT JOIN giving_pledge pledge
         ON pledge.gift_id = gift.id OR pledge.id = recurring.pledge_id
  LEFT JOIN LATERAL (
    SELECT sum(refund.line_minor + refund.operating_minor) AS given_back
      FROM giving_refund refund
     WHERE refund.gift_id = gift.id AND refund.returned_key = ''
       AND NOT EXISTS (
         SELECT FROM giving_dispute dispute
          WHERE dispute.refund_id = refund.id AND dispute.returned_key <> ''
       )
  ) AS refunds ON true
 WHERE {where}
 ORDER BY {order}
 LIMIT %(limit)s
"""
DUE = GIFTS.format(
    where="""gift.id > %(after)s
   AND (gift.partnership_id = %(partnership)s OR %(partnership)s IS NULL)
   AND NOT EXISTS (SELECT FROM giving_receipt receipt WHERE receipt.gift_id = gift.id)""",
    order="gift.id",
)
OF_DONORS = GIFTS.format(
    where="""gift.donor_id = ANY (%(donors)s) AND gift.partnership_id = %(partnership)s
   AND gift.received_date BETWEEN %(first)s AND %(last)s""",
    order="gift.donor_id, gift.received_date, gift.id",
)
OF_GIFT = GIFTS.format(where="gift.id = %(gift)s", order="gift.id")
DONORS = """
SELECT DISTINCT donor_id FROM giving_gift
 WHERE partnership_id = %(partnership)s AND received_date BETWEEN %(first)s AND %(last)s
   AND donor_id > %(after)s
 ORDER BY donor_id LIMIT %(limit)s
"""
# Receipts that stand and say another sum was given back than was.
STALE = """
WITH given_back AS (
  SELECT refund.gift_id,
         coalesce(sum(refund.line_minor + refund.operating_minor) FILTER (
           WHERE refund.returned_key = '' AND NOT EXISTS (
             SELECT FROM giving_dispute dispute
              WHERE dispute.refund_id = refund.id AND dispute.returned_key <> ''
           )), 0) AS minor
    FROM giving_refund refund GROUP BY refund.gift_id
)
SELECT DISTINCT given_back.gift_id
  FROM given_back
  JOIN giving_gift gift ON gift.id = given_back.gift_id
  JOIN giving_receipt receipt ON receipt.gift_id = given_back.gift_id
 WHERE receipt.wrapped_key IS NOT NULL
   AND (receipt.kind <> 'cancellation'
        OR coalesce(nullif(split_part(receipt.cause, '=', 2), ''), '0')::numeric
           >= gift.amount_minor)
   AND NOT EXISTS (SELECT FROM giving_receipt newer WHERE newer.replaces_id = receipt.id)
   AND coalesce(nullif(split_part(receipt.cause, '=', 2), ''), '0')::numeric <> given_back.minor
 ORDER BY given_back.gift_id LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One gift as GIFTS reads it."""

    gift_id: int
    ref: str
    partnership_id: int
    fund_id: int
    donor_id: int
    amount_minor: int
    currency: str
    received_date: date
    purpose: str
    issuer_id: int
    sealed: bytes
    wrapped_key: bytes
    is_reachable: bool
    language: str
    rule: str
    has_gift_aid: bool
    refunded_minor: int

    @property
    def cause(self) -> str:
        return with_sum(f"gift:{self.ref}", self.refunded_minor)


def with_sum(cause: str, refunded_minor: int) -> str:
    """The cause with what was given back by then."""
    return f"{cause}={refunded_minor}" if refunded_minor else cause


def rows_of(statement: str, **values: Any) -> list[Row]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [Row(*row) for row in cursor]


class Titles:
    """What a fund is for, where a gift itself has no words for it; each read once."""

    def __init__(self) -> None:
        self._known: dict[int, str] = {}

    def of(self, fund_id: int) -> str:
        if fund_id not in self._known:
            fund = Fund.objects.select_related("campaign").get(pk=fund_id)
            self._known[fund_id] = str(fund_title(fund))
        return self._known[fund_id]


def draft_of(row: Row, issuer: Issuer, keys: MasterKeys, titles: Titles) -> Draft:
    facts = _facts(row, keys)
    rule = rule_for(issuer, row.rule)
    return Draft(
        cause=row.cause,
        kind=Receipt.Kind.GIFT,
        rule=rule,
        language=row.language,
        gifts=(_gift(row, titles),),
        donor_id=row.donor_id,
        gift_id=row.gift_id,
        payer_name=facts.name,
        payer_address=facts.address,
        has_gift_aid=row.has_gift_aid and rule == ReceiptKind.UK_GIFT_AID,
    )


def _facts(row: Row, keys: MasterKeys) -> DonorFacts:
    sealed = Donor(
        partnership_id=row.partnership_id, sealed=row.sealed, wrapped_key=row.wrapped_key
    )
    return open_donor(sealed, keys)


def _gift(row: Row, titles: Titles) -> ReceiptGift:
    return ReceiptGift(
        received_date=row.received_date,
        purpose=row.purpose.strip() or titles.of(row.fund_id),
        given_minor=row.amount_minor,
        refunded_minor=row.refunded_minor,
        currency=row.currency,
    )


def rule_for(issuer: Issuer, asked: str) -> ReceiptKind:
    """The rule that a donor's tax residence asks for if the issuer may use it, else its first."""
    may_issue = [rule.strip() for rule in issuer.rules.split(",") if rule.strip()]
    return ReceiptKind(asked if asked in may_issue else may_issue[0])


def bounds(partnership: Partnership, year: int) -> dict[str, Any]:
    first, last = date(year, 1, 1), date(year, 12, 31)
    return {"partnership": partnership.pk, "first": first, "last": last}


def donors_of(partnership: Partnership, year: int) -> Iterator[list[int]]:
    after = 0
    while True:
        with connection.cursor() as cursor:
            values = bounds(partnership, year) | {"after": after, "limit": DONORS_BATCH}
            cursor.execute(DONORS, values)
            donors = [pk for (pk,) in cursor]
        if not donors:
            return
        yield donors
        after = donors[-1]
