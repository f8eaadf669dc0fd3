"""What a person reads when the rules refuse."""

from collections.abc import Mapping

from twinhood.deliveries import errors, screening_words, words
from twinhood.deliveries.core.payee import BadAccount
from twinhood.kit.core.serials import BadSerial, Plate
from twinhood.kit.dates import long_date
from twinhood.kit.inputs import SERIAL, language
from twinhood.kit.money import format_money
from twinhood.ledger.errors import FundTooSmall

# What errors say whose `code` chooses the sentence, and those that need no facts.
_CODED: Mapping[type[Exception], Mapping[str, object]] = {
    errors.ReasonMissing: words.REASON_MISSING,
    errors.BadTerms: words.BAD_TERMS,
    errors.NotLicensed: words.UNLICENSED,
    BadAccount: words.BAD_ACCOUNT,
    BadSerial: SERIAL,
}
_PLAIN: Mapping[type[Exception], object] = {
    errors.NoLists: screening_words.NO_LISTS,
    errors.MayNotDecide: screening_words.MAY_NOT_DECIDE,
    errors.MayNotRead: words.MAY_NOT_READ,
    errors.MayNotDecideRules: words.MAY_NOT_DECIDE_RULES,
    errors.NotInvoiced: words.NOT_INVOICED,
    errors.NotCalled: words.NOT_CALLED,
    errors.NoPayee: words.NO_PAYEE,
    errors.ApprovalLapsed: words.APPROVAL_LAPSED,
    errors.QuoteExpired: words.QUOTE_EXPIRED,
    errors.WrongState: words.WRONG_STATE,
    errors.MayNotPay: words.MAY_NOT_PAY,
    errors.PaidAlready: words.PAID_ALREADY,
    errors.NotPaid: words.NOT_PAID,
    errors.SerialKnown: words.SERIAL_KNOWN,
    errors.DateInFuture: words.DATE_IN_FUTURE,
    errors.BadPublicDate: words.BAD_PUBLIC_DATE,
    errors.NotTheReceiver: words.NOT_THE_RECEIVER,
    errors.TooFewStandOnIt: words.TOO_FEW_STAND_ON_IT,
    errors.NotAWitness: words.NOT_A_WITNESS,
    errors.NotAConfirmer: words.NOT_A_CONFIRMER,
}


def sentence_for(problem: Exception, currency: str = "USD") -> str:
    """Say in the reader's language what happened and what to do; re-raise what nobody can mend."""
    match problem:
        case FundTooSmall(asked_minor=asked, free_minor=free):
            missing = format_money(asked - free, currency, language())
            return str(words.MONEY_MISSING) % {"missing": missing}
        case errors.MayNotApprove(refusal=refusal):
            return str(words.APPROVE_REFUSED[refusal])
        case errors.MoreThanNeeded(left=left):
            sentence = words.MORE_THAN_NEEDED if left > 0 else words.NOTHING_NEEDED
            return str(sentence) % {"left": left}
        case errors.UnderOccupation(name=name, since_date=since):
            slots = {"name": name, "day": long_date(since, language())}
            return str(words.UNDER_OCCUPATION) % slots
        case errors.NoFund():
            return str(words.NO_FUND) % {"currency": problem.currency}
        case errors.OverCeiling(asked_minor=asked, ceiling_minor=ceiling, currency=code):
            sums = {"asked": asked, "ceiling": ceiling}
            written = {k: format_money(v, code, language()) for k, v in sums.items()}
            return str(words.OVER_CEILING) % written
        case errors.NotPaidYet(order=order, missing_minor=missing, currency=code):
            sum_ = format_money(missing, code, language())
            return str(words.NOT_PAID_YET) % {"order": order, "sum": sum_}
        case errors.HandedOverBeforeBought(order=order, placed=placed):
            day = long_date(placed, language())
            return str(words.HANDED_OVER_BEFORE_BOUGHT) % {"order": order, "day": day}
        case errors.HandedOverBeforeGiven(name=name, received=received):
            day = long_date(received, language())
            return str(words.HANDED_OVER_BEFORE_GIVEN) % {"thing": name, "day": day}
        case errors.TwoOfOneName(name=name):
            return str(words.TWO_OF_ONE_NAME) % {"name": name}
        case errors.SerialMissing():
            return str(words.SERIAL_MISSING) % {"unit": problem.unit_name}
        case errors.PriceIsBack():
            return str(words.PRICE_IS_BACK) % {"unit": problem.unit_name}
        case errors.NotScreened(name=name, code=code):
            return str(screening_words.NOT_SCREENED[code]) % {"name": name}
        case errors.DifferenceUnsaid(asked_minor=asked, expected_minor=expected):
            sums = {"asked": asked, "expected": expected}
            written = {k: format_money(v, currency, language()) for k, v in sums.items()}
            return str(words.DIFFERENCE_UNSAID) % written
        case errors.InvoiceKnown(number=number):
            return str(words.INVOICE_KNOWN) % {"number": number}
        case errors.OtherTotal(number=number, orders=orders, total_minor=total):
            written = {"total": format_money(total, currency, language())}
            return str(words.OTHER_TOTAL) % {"number": number, "orders": orders, **written}
        case errors.MoreThanTotal(number=number, left_minor=left):
            sum_ = format_money(left, currency, language())
            return str(words.MORE_THAN_TOTAL) % {"number": number, "left": sum_}
        case errors.WholePrice(price_minor=price):
            return str(words.WHOLE_PRICE) % {"price": format_money(price, currency, language())}
        case errors.MoreThanInvoiced(left_minor=left):
            sum_ = format_money(left, currency, language())
            return str(words.MORE_THAN_INVOICED) % {"left": sum_}
    if (coded := _CODED.get(type(problem))) is not None:
        return str(coded[problem.code])  # type: ignore[attr-defined]
    if type(problem) not in _PLAIN:
        raise problem
    return str(_PLAIN[type(problem)])


# What the views catch: everything else rises to the top.
MENDABLE = (errors.DeliveryError, FundTooSmall)


def doubts_about(plate: Plate) -> list[str]:
    """What to look at again on the plate of a number that was taken."""
    slots = {"letters": ", ".join(plate.strange), "number": plate.number}
    return [str(words.DOUBT[doubt]) % slots for doubt in plate.doubts]
