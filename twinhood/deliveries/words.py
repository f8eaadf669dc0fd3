"""What orders and hand-overs are called on pages, and the sentences for what was refused."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from twinhood.deliveries.core.act import Role
from twinhood.deliveries.core.approval import Refusal
from twinhood.deliveries.core.comparing import Missing, Offer, Vat
from twinhood.deliveries.core.publicity import PublicState
from twinhood.deliveries.models import ActSigner, HandoverAct, Licence, Order, PayeeAccount
from twinhood.kit.core.serials import Doubt
from twinhood.kit.inputs import language
from twinhood.people.core.bodies import LegalForm

STATE = {
    Order.State.PROPOSED: pgettext_lazy("order", "Proposed"),
    Order.State.APPROVED: pgettext_lazy("order", "Approved, waits for the exchange"),
    Order.State.PLACED: pgettext_lazy("order", "Placed"),
    Order.State.CANCELLED: pgettext_lazy("order", "Cancelled"),
    Order.State.REFUSED: pgettext_lazy("order", "Refused"),
}
STATE_TAG = {
    Order.State.PROPOSED: "w",
    Order.State.APPROVED: "w",
    Order.State.PLACED: "b",
    Order.State.CANCELLED: "w",
    Order.State.REFUSED: "x",
}
UNIT_STATE = {
    PublicState.BOUGHT: pgettext_lazy("unit", "Bought"),
    PublicState.HANDED_OVER: pgettext_lazy("unit", "Handed over"),
    PublicState.CANCELLED: pgettext_lazy("unit", "Cancelled"),
    PublicState.DAMAGED: pgettext_lazy("unit", "Arrived damaged"),
    PublicState.MISSING: pgettext_lazy("unit", "Did not arrive"),
}
UNIT_TAG = {
    PublicState.BOUGHT: "b",
    PublicState.HANDED_OVER: "ab",
    PublicState.CANCELLED: "w",
    PublicState.DAMAGED: "x",
    PublicState.MISSING: "x",
}
CONDITION = {
    HandoverAct.Condition.GOOD: pgettext_lazy("condition", "In order"),
    HandoverAct.Condition.DAMAGED: pgettext_lazy("condition", "Damaged"),
    HandoverAct.Condition.MISSING: pgettext_lazy("condition", "Missing"),
}
SIGNS_AS = {
    Role.GIVER: pgettext_lazy("signs an act", "Handed it over"),
    Role.RECEIVER: pgettext_lazy("signs an act", "Received it"),
    Role.COMMISSION: pgettext_lazy("signs an act", "Commission of the receiver"),
}
METHOD = {
    ActSigner.Method.GLASS: pgettext_lazy("signature", "drawn by hand on a screen"),
    ActSigner.Method.TYPED: pgettext_lazy("signature", "name typed"),
    ActSigner.Method.PAPER: pgettext_lazy("signature", "by hand on paper, seen by two"),
}
APPROVE_REFUSED = {
    Refusal.NOT_PROPOSED: _("This order is decided already, so nothing was changed."),
    Refusal.CHANGED: _(
        "The order was changed after you opened it. Read it again: your approval would have been "
        "for something else."
    ),
    Refusal.NO_ROLE: _("You may not approve orders of this partnership today."),
    Refusal.PROPOSER: _("You proposed this order, so two other people must approve it."),
    Refusal.PAYEE: _("Your organisation is paid by this order, so you cannot approve it."),
    Refusal.TWICE: _("You have approved this order already. Once is enough."),
    Refusal.SAME_ORGANISATION: _(
        "Somebody of your organisation has approved it. The second approval must come from "
        "another organisation."
    ),
    Refusal.SAME_PERSON: _(
        "Another account of yours proposed or approved this already. One person is one voice; the "
        "attempt is recorded."
    ),
    Refusal.UNKNOWN: _(
        "Nobody knows yet who you are: two others look at your document first, under “Who is who”."
    ),
}
# What is kept of an approval that was refused.
TRIED = {
    Refusal.PROPOSER: _("tried to approve an order of their own"),
    Refusal.PAYEE: _("tried to approve for the supplier"),
    Refusal.SAME_PERSON: _("tried to approve again with another account of the same person"),
    Refusal.UNKNOWN: _("tried to approve before anybody knew who they are"),
}
REASON_MISSING = {
    "few_quotes": _("Fewer than three suppliers gave a quote. Say why."),
    "not_lowest": _("This is not the lowest quote. Say why it is the better one."),
    "refusal": _("Say why, in a sentence that the proposer will read."),
    "cancellation": _("Say why it is cancelled."),
    "credit": _("Say why it became cheaper."),
    "void": _("Say why it is taken back."),
    "rules": _("Say why the rules change: whoever decides reads it."),
    "licence": _("Say why this paper does not do."),
    "hit": _("Say why these are, or are not, the same."),
    "stop": _("Say why nothing may be paid to this account."),
}
DOUBT = {
    Doubt.STRANGE_LETTERS: _(
        "You typed letters that only look Latin: %(letters)s. They are kept as Latin ones: "
        "%(number)s. Compare it with the plate."
    ),
    Doubt.CHECK_DIGIT: _(
        "The check digit in %(number)s does not fit. Makers outside North America may leave it "
        "out, so the number is taken. Compare it with the plate."
    ),
}
MONEY_MISSING = _(
    "The money does not suffice: %(missing)s is missing. Nothing was approved or ordered."
)
MORE_THAN_NEEDED = _("Enter at most %(left)s: no more is needed.")
NOTHING_NEEDED = _("Everything that this need asks for is ordered.")
NO_FUND = _("There is no fund in %(currency)s for this need. Exchange money first.")
QUOTE_EXPIRED = _("This quote is no longer valid. Ask the supplier again.")
WRONG_STATE = _("This has moved on meanwhile, so nothing was changed.")
MAY_NOT_PAY = _("You proposed this order, so somebody else must record its payments.")
MORE_THAN_COMMITTED = _("Enter at most %(left)s: no more of this order is unpaid.")
DIFFERENCE_UNSAID = _(
    "The order expects %(expected)s, and this asks for %(asked)s. Say why they differ, or look at "
    "the invoice again."
)
INVOICE_KNOWN = _(
    "This supplier’s invoice %(number)s is recorded already. The same invoice is not paid twice. "
    "One that is for several orders is recorded by parts: take it back there first."
)
NOT_INVOICED = _("Record the invoice first: number, sum and date.")
MORE_THAN_INVOICED = _("Enter at most %(left)s: the invoice asks for no more.")
NOT_PAID = _("So much was not paid for this order, so no supplier can have given it back.")
OTHER_TOTAL = _(
    "Invoice %(number)s stands at %(orders)s as a part of an invoice of %(total)s. If it is for "
    "this order too, enter this sum here."
)
MORE_THAN_TOTAL = _("Of invoice %(number)s only %(left)s is not recorded at other orders yet.")
LESS_WAS_PAID = _("Enter at most %(paid)s: no more was paid for this order and stayed paid.")
NOTHING_WAS_PAID = _(
    "Nothing is paid for this order, so nothing came back: choose that the price fell before."
)
LESS_IS_UNPAID = _(
    "Of this order only %(unpaid)s is unpaid. If the supplier gave money back, choose where it "
    "arrived."
)
WHOLE_PRICE = _(
    "This thing costs %(price)s now, and a part is less. If the whole price came back, record that "
    "instead."
)
PAID_ALREADY = _("This one is paid. Its supplier’s credit must arrive first.")
SERIAL_KNOWN = _("This number already belongs to another thing. Look at the plate again.")
SERIAL_MISSING = _("Record the vehicle’s number before it is handed over: %(unit)s")
PRICE_IS_BACK = _(
    "The price is back of what came damaged or not at all, so no act can have it in order: %(unit)s"
)
DATE_IN_FUTURE = _("A hand-over is recorded when it has happened, not before.")
HANDED_OVER_BEFORE_BOUGHT = _(
    "%(order)s was placed on %(day)s, and nothing is handed over before it is bought."
)
HANDED_OVER_BEFORE_GIVEN = _(
    "%(thing)s was received on %(day)s, and nothing is handed over before it is here."
)
BAD_PUBLIC_DATE = _("Choose a day within 90 days after the hand-over.")
NOT_THE_RECEIVER = _("Only the receiving side decides from when a delivery is public.")
SUM_DIFFERS = _("This is not the order’s sum. Type exactly what you approve: %(sum)s")
BAD_TERMS = {
    "fund": _("Choose a fund of another currency, or none."),
    "payee": _("Choose an account of this quote’s supplier, or none."),
    "rate": _("Write the rate as a number, as in 1.0850."),
    "rate_source": _("Say whose rate this is, as in: European Central Bank."),
    "rate_date": _("Enter the day of the rate, today or before."),
}
MAY_NOT_DECIDE_RULES = _(
    "These rules were proposed by you or by your organisation, so somebody of another one decides."
)
VAT = {
    Vat.INCLUDED: _("included in the price"),
    Vat.ON_TOP: _("comes on top of the price"),
    Vat.NOT_DUE: _("not due"),
}
MISSING = {
    Missing.RATE: pgettext_lazy("missing in a quote", "rate"),
    Missing.VAT: pgettext_lazy("missing in a quote", "value added tax"),
    Missing.DELIVERY: pgettext_lazy("missing in a quote", "delivery time"),
    Missing.WARRANTY: pgettext_lazy("missing in a quote", "warranty"),
}
VAT_ON_TOP = _("%(percent)s percent come on top")
PRICE_MISSING = _("Enter the price of one.")
BAD_PERCENT = _("Write how many percent come on top, as in 20 or 8.1.")
PERCENT_NOT_ON_TOP = _("Say that the tax comes on top, or leave this empty.")
APPROVAL_LAPSED = _(
    "Somebody who approved this order may not approve any more, so two approvals do not stand. "
    "The proposer changes the order, and it is approved anew."
)
OVER_CEILING = _(
    "%(asked)s is more than the approved ceiling of %(ceiling)s. Nothing was exchanged: whoever "
    "proposed the order changes it, and it is approved anew."
)
# What an approver puts their name to; its name in the row is core.approval.NO_INTEREST.
NO_INTEREST = _(
    "Neither I nor anybody close to me gains from this order or has a share in its supplier."
)
INTEREST_FORBIDS = _(
    "Only somebody who has no interest in an order approves it. If you have one, leave it to "
    "others."
)
UNDER_OCCUPATION = _(
    "%(name)s lies where the official list says “temporarily occupied” since %(day)s. Nothing is"
    " ordered or paid for it there."
)
LICENCE = {
    Licence.Kind.LICENCE: _("A licence: it may leave"),
    Licence.Kind.NOT_NEEDED: _("A note: no licence is needed"),
}
# What is missing before a thing of dual use is ordered (licences.why_unlicensed).
UNLICENSED = {
    "none": _("This may need an export licence. Nothing is ordered before a licence, or a note "
              "that none is needed, is attached by one and read by another."),
    "unread": _("A licence is attached. Nothing is ordered before somebody else has read it."),
    "refused": _("The attached paper does not do. Nothing is ordered before another one is "
                 "attached and read."),
    "expired": _("The licence does not hold any more. Nothing is ordered before another one is "
                 "attached and read."),
}  # fmt: skip
MAY_NOT_READ = _("You attached this paper, so somebody else reads it.")
PAYEE_STATE = {
    PayeeAccount.State.PROPOSED: pgettext_lazy("account", "Proposed"),
    PayeeAccount.State.APPROVED: pgettext_lazy("account", "Approved"),
    PayeeAccount.State.STOPPED: pgettext_lazy("account", "Stopped"),
}
PAYEE_TAG = {
    PayeeAccount.State.PROPOSED: "w",
    PayeeAccount.State.APPROVED: "ab",
    PayeeAccount.State.STOPPED: "x",
}
# What is odd about an account (core.payee.alarms).
PAYEE_ALARM = {
    "shared": _("Another supplier is paid to the same account."),
    "changed": _("This supplier had another account before. Mails with “new bank details” are the "
                 "commonest fraud there is."),
    "first": _("This is the first account of this supplier."),
    "holder": _("The holder is not called as the supplier is."),
    "person": _("The holder bears the name of somebody who has a role here."),
}  # fmt: skip
BAD_ACCOUNT = {
    "form": _("Write an IBAN, or an American routing number, a slash and the account’s number."),
    "digits": _("This account does not exist: its check digits are wrong. Compare it with the "
                "paper, figure by figure."),
}  # fmt: skip
NOT_CALLED = _("First somebody calls the supplier, at a number that was known before.")
NO_PAYEE = _(
    "This supplier has no account that may be paid to today: it is approved by two, after a call, "
    "and then waits 72 hours."
)
NOT_PAID_YET = _(
    "%(order)s is not paid yet: %(sum)s is missing for what you would hand over. Record the "
    "payment first."
)
# Who may receive a vehicle (core.receivers), and what kinds of bodies there are.
LEGAL_FORM = {
    LegalForm.LOCAL_GOVERNMENT: _("Municipality or its office"),
    LegalForm.MUNICIPAL_ENTERPRISE: _("Municipal enterprise"),
    LegalForm.PUBLIC_INSTITUTION: _("Public institution, such as a hospital or a school"),
    LegalForm.CHARITY: _("Charity"),
    LegalForm.ASSOCIATION: _("Association, NGO"),
    LegalForm.BUSINESS: _("Company"),
}
NOT_A_RECEIVER = {
    "unknown": _(
        "Say what kind of body the receiver is: a vehicle goes to a municipality, a municipal "
        "enterprise or a public institution."
    ),
    "private": _(
        "This receiver may not have a vehicle for its own use: Ukrainian customs give vehicles to "
        "a municipality, a municipal enterprise or a public institution. Choose one of these as "
        "the receiver."
    ),
}
TWO_OF_ONE_NAME = _("%(name)s stands on the act twice. Each person signs once.")
TOO_FEW_STAND_ON_IT = _(
    "The printed act names who hands over, who receives, and three of the commission. Add them "
    "first."
)
NOT_A_WITNESS = _(
    "You entered this scan, or somebody of your organisation has seen it already. Two people of "
    "two organisations must have seen the signing."
)
NOT_A_CONFIRMER = _(
    "You recorded this hand-over, or somebody of your organisation has confirmed it already. Two "
    "others of two organisations confirm it."
)
LACKING = {
    Role.GIVER: _("Who hands over has not signed."),
    Role.RECEIVER: _("Who receives has not signed."),
    Role.COMMISSION: _("Of the commission %(signed)d of %(wanted)d have signed."),
}
BAD_DRAWING = {
    "form": _("The signature did not arrive whole. Sign once more, or type the name."),
    "slip": _("This is hardly a signature. Sign once more, or type the name."),
}


def vat_said(offer: Offer) -> str:
    """What an offer says of value added tax; it says something."""
    if offer.vat is Vat.ON_TOP:
        return str(VAT_ON_TOP) % {"percent": percent(offer.vat_permille)}
    return str(VAT[offer.vat]) if offer.vat else ""


def percent(permille: int) -> str:
    """Thousandths as percent, in the page's way of writing: "8.1", «8,1»."""
    text = f"{permille // 10}.{permille % 10}".removesuffix(".0")
    return text.replace(".", ",") if language() == "uk" else text
