"""The record of an order's approvals as a paper: what was approved, by whom, for whom, and when.

Nobody signs it again: those who approved did so under their own accounts, and the log has a
commitment to each approval. So the log seals the paper too (docs/decisions/0030).
"""

from collections.abc import Iterator, Sequence

from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext

from twinhood.deliveries import queries, terms, words
from twinhood.deliveries.core.approval import APPROVALS_NEEDED
from twinhood.deliveries.models import Approval, Order
from twinhood.documents import sealed
from twinhood.documents.core.sheets import Part, Seal, Table, sheet
from twinhood.documents.models import Document
from twinhood.documents.sealed import Mark
from twinhood.documents.standing import Standing
from twinhood.kit.core.text import tidy_line
from twinhood.kit.dates import long_date, moment_words
from twinhood.kit.money import format_money
from twinhood.ledger.actions import name_in_log
from twinhood.people.models import Organisation

KIND = "approval"
LANGUAGES = ("en", "uk")
# Which content it is about: so many digits of its fingerprint.
HASH_DIGITS = 16


def approvals_of(order: Order) -> list[Approval]:
    """The approvals of what the order is now, where they are enough; else none."""
    found = list(queries.present_approvals().filter(order=order))
    return found if len(found) >= APPROVALS_NEEDED else []


def render(order: Order) -> bytes:
    """The paper as PDF, sealed in the log. Raises NotTypeset; ValueError without two approvals."""
    approvals = approvals_of(order)
    if not approvals:
        raise ValueError(f"{order} is not approved")
    subject = sealed.Subject(
        about=about(order),
        kind=KIND,
        title={language: _title(order, language) for language in LANGUAGES},
        language=LANGUAGES[0],
        partnership=order.partnership,
        log_name=name_in_log(order.partnership),
        set_pages=lambda mark: _page(order, approvals, mark),
        is_specimen=order.partnership.is_example,
    )
    return sealed.copy_of(subject)


def about(order: Order) -> str:
    """What the room of papers calls it: a change of the order makes another paper."""
    return f"{KIND}:{order.pk}:{order.content_hash[:HASH_DIGITS]}"


def standing_of(document: Document) -> Standing | None:
    """Whether the order is still what was approved; None if there is no such order."""
    _, pk, approved = document.about.split(":")
    order = (
        Order.objects.select_related("partnership__giving_place", "partnership__receiving_place")
        .filter(pk=pk)
        .first()
    )
    if order is None:
        return None
    is_same = order.content_hash.startswith(approved)
    return Standing(
        is_in_force=is_same and order.state in (Order.State.APPROVED, Order.State.PLACED),
        sentence=_sentence(order, is_same=is_same),
        privacy=gettext(
            "It names people and accounts, so what stands on it is not shown here. What the "
            "world may know of the order stands in the public file."
        ),
        facts=((gettext("Partnership"), _cities(order)),),
    )


def _cities(order: Order) -> str:
    language = translation.get_language() or LANGUAGES[0]
    pair = order.partnership
    return f"{pair.giving_place.name_in(language)} — {pair.receiving_place.name_in(language)}"


def _sentence(order: Order, *, is_same: bool) -> str:
    if not is_same:
        return gettext("The order was changed afterwards: these approvals are void.")
    if order.state == Order.State.PLACED:
        return gettext("The approvals stand, and the order was placed.")
    if order.state == Order.State.APPROVED:
        return gettext("The approvals stand; the money waits to be exchanged.")
    if order.state == Order.State.CANCELLED:
        return gettext("The order was placed with these approvals, and cancelled afterwards.")
    return gettext("The order was refused afterwards.")


def _title(order: Order, language: str) -> str:
    with translation.override(language):
        return gettext("Approvals of order %(order)s") % {"order": order}


def _page(order: Order, approvals: Sequence[Approval], mark: Mark) -> bytes:
    said = {}
    for language in LANGUAGES:
        with translation.override(language):
            said[language] = gettext(
                "Anybody who has this paper can check it, by the square here or by the address "
                "beside it: its fingerprint stands in a public log, which nobody can rewrite."
            )
    # Whoever guesses what it says cannot set it without the key of this installation.
    secret = salted_hmac(KIND, about(order), algorithm="sha256").hexdigest()[:32]
    return sheet(
        [_part(order, approvals, language) for language in LANGUAGES],
        author=_name(order.proposed_for, LANGUAGES[0]),
        dated=approvals[-1].approved_at.date(),
        foot=str(order),
        seal=Seal(mark.code, mark.check_url, said, secret),
    )


def _part(order: Order, approvals: Sequence[Approval], language: str) -> Part:
    with translation.override(language):
        return Part(
            language=language,
            kind=str(order),
            title=_title(order, language),
            facts=[(name, tidy_line(value)) for name, value in _facts(order, language) if value],
            before=[
                gettext(
                    "Each of those named below approved exactly this content, under their own "
                    "account, and put their name to this sentence:"
                ),
                str(words.NO_INTEREST),
            ],
            table=Table(
                heads=[gettext("Approved by"), gettext("For"), gettext("When")],
                rows=[_row(one, language) for one in approvals],
            ),
            after=[
                gettext("Fingerprint of the content (SHA-256): %(hash)s")
                % {"hash": order.content_hash}
            ],
            specimen=gettext("Specimen") if order.partnership.is_example else "",
        )


def _row(approval: Approval, language: str) -> list[str]:
    return [
        approval.approved_by.name,
        _name(approval.organisation, language),
        moment_words(approval.approved_at, "UTC", language),
    ]


def _facts(order: Order, language: str) -> Iterator[tuple[str, str]]:
    need, fund = order.need, order.source_fund
    yield gettext("Need"), f"{need}: {need.title.in_language(language)[0]}"
    yield gettext("Supplier"), str(order.quote.supplier.name.in_language(language)[0])
    yield gettext("Things"), str(order.units.count())
    yield gettext("Sum"), format_money(order.whole_minor, order.currency, language)
    yield gettext("Paid from"), ", ".join(order.fund_codes)
    rate = terms.rate_of_order(order)
    if fund is not None and rate is not None and order.rate_date is not None:
        written = terms.written(rate, order.currency, fund.currency)
        said = f"{written} · {order.rate_said_by}, {long_date(order.rate_date, language)}"
        yield gettext("Changed from"), fund.code
        yield gettext("Rate"), said
        yield (
            gettext("Price at this rate"),
            format_money(order.price_minor, fund.currency, language),
        )
        yield gettext("Ceiling"), format_money(order.ceiling_minor, fund.currency, language)
    yield gettext("Terms of delivery"), order.delivery_terms
    if order.payee is not None:
        yield gettext("To be paid to"), f"{order.payee.holder}, {order.payee.account}"
    yield gettext("Interest of the proposer"), order.interest or gettext("None stated")
    yield gettext("Reason"), order.reason
    day = long_date(order.proposed_at.date(), language)
    whom = _name(order.proposed_for, language)
    yield gettext("Proposed by"), f"{order.proposed_by.name}, {whom}, {day}"


def _name(organisation: Organisation, language: str) -> str:
    return str(organisation.name.in_language(language)[0])
