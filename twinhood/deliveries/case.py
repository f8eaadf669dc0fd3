"""What deliveries tell of a case: its orders, what was paid, what was handed over."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Max
from django.urls import reverse
from django.utils.translation import gettext, ngettext

from twinhood.deliveries.models import HandoverAct, HandoverLine, Order, SupplierCredit, Unit
from twinhood.deliveries.queries import unit_name, unpaid_minor
from twinhood.kit.inputs import language
from twinhood.kit.money import format_money
from twinhood.needs.models import Need
from twinhood.people.case import Case, Stage, Step


def steps(case: Case) -> Iterator[Step]:
    """Orders that were not refused, each with what was paid and what is handed over."""
    need = Need.objects.filter(partnership=case.partnership, number=case.need).first()
    if need is None:
        return
    orders = Order.objects.filter(need=need).exclude(state=Order.State.REFUSED)
    if case.order is not None:
        orders = orders.filter(number=case.order)
    found = list(
        orders.select_related("quote__supplier", "proposed_for")
        .prefetch_related("approvals__organisation")
        .order_by("number")
    )
    for order in found:
        yield from _of_order(order, need, case)
    is_open = need.state == Need.State.VERIFIED
    if not found and is_open:
        last = need.quotes.aggregate(last=Max("valid_until_date"))["last"]
        yield Step(Stage.ORDERED, gettext("To be ordered"), due=last)
        yield Step(Stage.HANDED_OVER, gettext("To be handed over"), due=need.needed_by_date)


def _of_order(order: Order, need: Need, case: Case) -> Iterator[Step]:
    url = reverse("deliveries:order", args=[case.partnership.slug, order.number])
    approved = [
        str(one.organisation.name)
        for one in order.approvals.all()
        if one.content_hash == order.content_hash
    ]
    if order.placed_at is None:
        title = gettext("%(order)s: to be approved by two, and placed") % {"order": order}
        yield Step(Stage.ORDERED, title, who=" · ".join(approved), url=url)
        return
    title = gettext("Ordered: %(order)s, approved by two") % {"order": order}
    yield Step(Stage.ORDERED, title, case.day_of(order.placed_at), " · ".join(approved), url=url)
    yield _paid(order, case, url)
    yield from _given_back(order, case, url)
    yield from _handed_over(order, need, case)


def _paid(order: Order, case: Case, url: str) -> Step:
    who = str(case.partnership.recipient.name)
    left_minor = unpaid_minor(order)
    last = order.payments.aggregate(last=Max("paid_at"))["last"]
    if left_minor > 0 or last is None:
        left = format_money(max(0, left_minor), order.currency, language())
        title = gettext("%(order)s: to be paid, %(sum)s") % {"order": order, "sum": left}
        return Step(Stage.PAID, title, who=who, url=url)
    title = gettext("%(order)s: paid") % {"order": order}
    return Step(Stage.PAID, title, case.day_of(last), who, url=url)


def _given_back(order: Order, case: Case, url: str) -> Iterator[Step]:
    """What suppliers gave back, and prices that fell, each with its day."""
    credits = SupplierCredit.objects.filter(unit__order=order).select_related("unit")
    who = str(order.quote.supplier.name)
    for one in credits.order_by("credited_at", "pk"):
        said = {
            "order": order,
            "thing": unit_name(order.need, one.unit.number),
            "sum": format_money(one.amount_minor, order.currency, language()),
            "why": one.reason,
        }
        if not one.is_part:
            title = gettext("%(order)s: %(sum)s credited, and cancelled: %(thing)s") % said
        elif one.bank_code:
            title = gettext("%(order)s: %(sum)s credited for %(thing)s: %(why)s") % said
        else:
            title = gettext("%(order)s: %(sum)s less for %(thing)s: %(why)s") % said
        yield Step(Stage.PAID, title, case.day_of(one.credited_at), who, url=url)


def _handed_over(order: Order, need: Need, case: Case) -> Iterator[Step]:
    lines = HandoverLine.objects.filter(standing_unit__order=order, act__completed_at__isnull=False)
    lines = lines.select_related("act__receiver", "standing_unit")
    known = list(lines.order_by("act__handed_over_date", "pk"))
    received: dict[int, list[HandoverLine]] = {}
    for line in known:
        if line.condition == HandoverAct.Condition.GOOD:
            received.setdefault(line.act_id, []).append(line)
    for of_act in received.values():
        yield _act_step(of_act[0].act, len(of_act), order, case)
    unfit = [line for line in known if _is_to_be_credited(line)]
    if unfit:
        title = gettext("%(order)s: damaged or missing, its price is to be asked back: %(n)d")
        url = reverse("deliveries:order", args=[case.partnership.slug, order.number])
        yield Step(Stage.HANDED_OVER, title % {"order": order, "n": len(unfit)}, url=url)
    live = Unit.objects.filter(order=order, cancelled_at=None)
    waiting = live.exclude(pk__in=lines.values("standing_unit")).count()
    if waiting:
        title = ngettext(
            "%(order)s: %(n)d thing to be handed over",
            "%(order)s: %(n)d things to be handed over",
            waiting,
        )
        due: date | None = need.needed_by_date
        yield Step(Stage.HANDED_OVER, title % {"order": order, "n": waiting}, due=due)
    elif not known and order.state == Order.State.CANCELLED:
        title = gettext("%(order)s: cancelled") % {"order": order}
        yield Step(Stage.HANDED_OVER, title, on=_cancelled_on(order, case))


def _is_to_be_credited(line: HandoverLine) -> bool:
    unit, is_good = line.standing_unit, line.condition == HandoverAct.Condition.GOOD
    return not is_good and unit is not None and not (unit.cancelled_at or unit.credited_minor)


def _act_step(act: HandoverAct, count: int, order: Order, case: Case) -> Step:
    title = ngettext(
        "%(order)s: %(n)d thing handed over", "%(order)s: %(n)d things handed over", count
    )
    url = reverse("deliveries:act", args=[case.partnership.slug, act.number])
    said = title % {"order": order, "n": count}
    return Step(Stage.HANDED_OVER, said, act.handed_over_date, str(act.receiver.name), url=url)


def _cancelled_on(order: Order, case: Case) -> date | None:
    last = order.units.aggregate(last=Max("cancelled_at"))["last"]
    return case.day_of(last) if last else None
