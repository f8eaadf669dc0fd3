"""Receipts: the donor's own by the link, and the treasurer's book of them."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twinhood.documents.answers import pdf
from twinhood.giving import in_kind, queries, receipt_export, receipt_pdf, receipts, words
from twinhood.giving.core import receipt_number
from twinhood.giving.core.receipt_keeping import Kept
from twinhood.giving.core.sealing import NotOurs
from twinhood.giving.models import Issuer, Receipt, ReceiptExport
from twinhood.giving.receipt_writing import open_receipt
from twinhood.kit import clock
from twinhood.kit.http import is_part_request
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace

PAGE_SIZE = 50

# --- the donor's own


def _of_secret(secret: str) -> Receipt:
    gift = queries.gift_by_secret(secret)
    found = receipts.receipt_of(gift) if gift else None
    thing = in_kind.by_secret(secret) if gift is None else None
    if thing is not None:
        found = receipts.receipt_of_goods(thing.partnership, thing.key)
    if found is None or found.wrapped_key is None:
        raise Http404
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest, secret: str) -> HttpResponse:
    """The receipt of a gift, by the donor's link; a POST sends it to their address again."""
    found = _of_secret(secret)
    if request.method == "POST":
        if receipts.send_again(found):
            messages.success(request, gettext("It is on its way to your address."))
        else:
            messages.info(request, str(words.ENOUGH_SENT_TO_YOU))
        return redirect("giving:receipt", secret)
    kept = open_receipt(found)
    context = {
        "secret": secret,
        "said": receipt_pdf.said(kept),
        "kept": kept,
        "can_send": found.donor is not None and found.donor.has_address,
    }
    return render(request, "giving/receipt.html", context)


@require_safe
def receipt_file(request: HttpRequest, secret: str) -> HttpResponse:
    """The same as PDF."""
    return _pdf(_of_secret(secret))


def _pdf(found: Receipt) -> HttpResponse:
    return pdf(receipt_pdf.render(found), f"{open_receipt(found).receipt.number}.pdf")


# --- the desk


class FindForm(forms.Form):
    number = forms.CharField(label=_("Number"), max_length=24, required=False)
    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=9999, required=False)


class CorrectForm(forms.Form):
    """Cancel a receipt, or issue it anew with what is known of the donor today."""

    what = forms.ChoiceField(
        label=_("What should happen"),
        choices=[("reissue", _("Issue it anew")), ("cancel", _("Cancel it"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason"), help_text=_("Kept with the receipt, not printed on it."), max_length=300
    )


class YearForm(forms.Form):
    year = forms.IntegerField(label=_("Year"), min_value=2000, max_value=9999)


@require_safe
@in_workspace(Action.SEE_DONORS)
def receipt_list(request: HttpRequest, work: Workspace) -> HttpResponse:
    """The book of receipts, newest first; found by number or year."""
    form = FindForm(request.GET or None)
    said = form.cleaned_data if form.is_bound and form.is_valid() else {}
    found = Receipt.objects.filter(donor__partnership=work.partnership)
    found = found.select_related("issuer", "gift", "replaces__issuer", "replaced_by__issuer")
    if said.get("year"):
        found = found.filter(year=said["year"])
    if said.get("number"):
        found = _by_number(found, said["number"])
    page = Paginator(found.order_by("-id"), PAGE_SIZE).get_page(request.GET.get("page"))
    last_year = clock.today_in(work.partnership.giving_place.time_zone).year - 1
    exports = receipt_export.latest(work.partnership)
    context = {
        "work": work,
        "form": form,
        "page": page,
        "query": "&".join(f"{name}={value}" for name, value in said.items() if value),
        "issuer": Issuer.objects.filter(organisation=work.partnership.recipient_id).first(),
        "year_form": YearForm(initial={"year": last_year}, auto_id="statements_%s"),
        "export_form": YearForm(initial={"year": last_year}, auto_id="export_%s"),
        "exports": exports,
        "is_gathering": any(e.state == ReceiptExport.State.WAITING for e in exports),
        "zone": work.partnership.giving_place.time_zone,
    }
    if is_part_request(request):
        return render(request, "giving/receipts.html#exports", context)
    return render(request, "giving/receipts.html", context)


def _by_number(found: QuerySet[Receipt], typed: str) -> QuerySet[Receipt]:
    """Those with this number, as printed; none for what is no number."""
    try:
        number = receipt_number.read_number(typed)
    except ValueError:
        return found.none()
    return found.filter(issuer__letters=number.letters, year=number.year, serial=number.serial)


def _of_number(work: Workspace, number: str) -> Receipt:
    found = Receipt.objects.filter(donor__partnership=work.partnership)
    found = found.select_related("issuer", "donor", "gift", "replaces__issuer")
    return get_object_or_404(_by_number(found, number))


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Action.SEE_DONORS)
def receipt_at_desk(request: HttpRequest, work: Workspace, receipt: str) -> HttpResponse:
    """One receipt: what stands on it, and the form that cancels it or issues it anew."""
    found = _of_number(work, receipt)
    newer = Receipt.objects.select_related("issuer").filter(replaces=found).first()
    form = CorrectForm(request.POST or None, initial={"what": "reissue"})
    if request.method == "POST" and form.is_valid() and _correct(request, found, form):
        return redirect("giving:receipts", work.partnership.slug)
    kept = _kept(found)
    context = {
        "work": work,
        "receipt": found,
        "newer": newer,
        "kept": kept,
        "said": receipt_pdf.said(kept) if kept else None,
        "form": form,
        "can_correct": kept is not None
        and newer is None
        and found.kind != Receipt.Kind.CANCELLATION,
        "letters": list(
            found.donor.letters.filter(key__startswith=f"receipt:{found.pk}").order_by("id")[:20]
        )
        if found.donor
        else [],
        "zone": work.partnership.giving_place.time_zone,
    }
    status = 422 if form.is_bound else 200
    return render(request, "giving/receipt_at_desk.html", context, status=status)


def _kept(found: Receipt) -> Kept | None:
    try:
        return open_receipt(found)
    except NotOurs:
        return None


def _correct(request: HttpRequest, found: Receipt, form: CorrectForm) -> bool:
    verb = receipts.cancel if form.cleaned_data["what"] == "cancel" else receipts.reissue
    try:
        made = verb(found, form.cleaned_data["reason"])
    except receipts.Replaced:
        form.add_error(None, gettext("Another receipt took its place already."))
    except receipts.ReceiptLacks:
        form.add_error(None, gettext("Too little is known of the donor for this receipt."))
    except NotOurs:
        form.add_error(None, gettext("It is no longer kept, so it cannot be changed."))
    else:
        told = {"number": str(made), "old": str(found)}
        messages.success(request, gettext("%(number)s takes the place of %(old)s.") % told)
        return True
    return False


@require_safe
@in_workspace(Action.SEE_DONORS)
def receipt_file_at_desk(request: HttpRequest, work: Workspace, receipt: str) -> HttpResponse:
    found = _of_number(work, receipt)
    if found.wrapped_key is None:
        raise Http404
    return _pdf(found)


@require_POST
@in_workspace(Action.SEE_DONORS)
def receipt_again(request: HttpRequest, work: Workspace, receipt: str) -> HttpResponse:
    """Send a receipt to its donor once more."""
    found = _of_number(work, receipt)
    if receipts.send_again(found):
        messages.success(request, gettext("The receipt is on its way to the donor."))
    else:
        messages.info(request, str(words.ENOUGH_SENT))
    return redirect("giving:receipt_at_desk", work.partnership.slug, receipt)


@require_POST
@in_workspace(Action.SEE_DONORS)
def receipt_statements(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Let the worker issue a year's statements; who has one gets no second."""
    form = YearForm(request.POST)
    if form.is_valid():
        receipts.ask_for_year(work.partnership, form.cleaned_data["year"])
        told = {"year": form.cleaned_data["year"]}
        messages.success(request, gettext("Statements of %(year)s are being issued.") % told)
    else:
        messages.error(request, gettext("Enter a year of four digits."))
    return redirect("giving:receipts", work.partnership.slug)


@require_POST
@in_workspace(Action.SEE_DONORS)
def receipt_files(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Let the worker gather a year's receipts as one file."""
    form = YearForm(request.POST)
    if form.is_valid():
        export = receipt_export.ask(
            partnership=work.partnership, year=form.cleaned_data["year"], person=work.person
        )
        text = ngettext(
            "%(count)d receipt is being gathered.",
            "%(count)d receipts are being gathered.",
            export.total,
        )
        messages.success(request, text % {"count": export.total})
    else:
        messages.error(request, gettext("Enter a year of four digits."))
    return redirect("giving:receipts", work.partnership.slug)


@require_safe
@in_workspace(Action.SEE_DONORS)
def receipt_zip(request: HttpRequest, work: Workspace, pk: int) -> HttpResponse:
    """The gathered file, read from disk as it is sent; back to the book if it was removed."""
    export = ReceiptExport.objects.filter(pk=pk).first()
    if export is not None and export.partnership_id != work.partnership.pk:
        raise Http404
    is_ready = export is not None and export.state == ReceiptExport.State.READY
    if export is None or not is_ready or not receipt_export.path_of(export).is_file():
        messages.info(request, gettext("This file was removed; have it gathered again."))
        return redirect("giving:receipts", work.partnership.slug)
    path = receipt_export.path_of(export)
    name = f"{work.partnership.slug}-receipts-{export.year}.zip"
    response = FileResponse(path.open("rb"), as_attachment=True, filename=name)
    # Django's two kinds of answer share no type; the desk's door names the common one.
    return response  # type: ignore[return-value]
