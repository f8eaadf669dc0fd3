"""What a person reads when the rules refuse."""

from twinhood.deliveries import errors, screening_words, words
from twinhood.deliveries.core.payee import BadAccount
from twinhood.deliveries.core.serials import BadSerial, Plate
from twinhood.kit.dates import long_date
from twinhood.kit.inputs import language
from twinhood.kit.money import format_money
from twinhood.ledger.errors import FundTooSmall


def sentence_for(problem: Exception, currency: str = "USD") -> str:
    """Say in the reader's language what happened and what to do; re-raise what nobody can mend."""
    match problem:
        case FundTooSmall(asked_minor=asked, free_minor=free):
            missing = format_money(asked - free, currency, language())
            return str(words.MONEY_MISSING) % {"missing": missing}
        case errors.MayNotApprove(refusal=refusal):
            return str(words.APPROVE_REFUSED[refusal])
        case errors.ReasonMissing(code=code):
            return str(words.REASON_MISSING[code])
        case errors.MoreThanNeeded(left=left):
            sentence = words.MORE_THAN_NEEDED if left > 0 else words.NOTHING_NEEDED
            return str(sentence) % {"left": left}
        case errors.UnderOccupation(name=name, since_date=since):
            slots = {"name": name, "day": long_date(since, language())}
            return str(words.UNDER_OCCUPATION) % slots
        case errors.NoFund():
            return str(words.NO_FUND) % {"currency": problem.currency}
        case errors.BadTerms(code=code):
            return str(words.BAD_TERMS[code])
        case errors.OverCeiling(asked_minor=asked, ceiling_minor=ceiling, currency=code):
            sums = {"asked": asked, "ceiling": ceiling}
            written = {k: format_money(v, code, language()) for k, v in sums.items()}
            return str(words.OVER_CEILING) % written
        case errors.NotPaidYet(order=order, missing_minor=missing, currency=code):
            sum_ = format_money(missing, code, language())
            return str(words.NOT_PAID_YET) % {"order": order, "sum": sum_}
        case errors.TwoOfOneName(name=name):
            return str(words.TWO_OF_ONE_NAME) % {"name": name}
        case errors.SerialMissing():
            return str(words.SERIAL_MISSING) % {"unit": problem.unit_name}
        case errors.NotScreened(name=name, code=code):
            return str(screening_words.NOT_SCREENED[code]) % {"name": name}
        case errors.NotLicensed(code=code):
            return str(words.UNLICENSED[code])
        case BadAccount(code=code):
            return str(words.BAD_ACCOUNT[code])
        case BadSerial(code=code):
            return str(words.SERIAL[code])
    plain = {
        errors.NoLists: screening_words.NO_LISTS,
        errors.MayNotDecide: screening_words.MAY_NOT_DECIDE,
        errors.MayNotRead: words.MAY_NOT_READ,
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
    if type(problem) not in plain:
        raise problem
    return str(plain[type(problem)])


# What the views catch: everything else rises to the top.
MENDABLE = (errors.DeliveryError, FundTooSmall)


def doubts_about(plate: Plate) -> list[str]:
    """What to look at again on the plate of a number that was taken."""
    slots = {"letters": ", ".join(plate.strange), "number": plate.number}
    return [str(words.DOUBT[doubt]) % slots for doubt in plate.doubts]
