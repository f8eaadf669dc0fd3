"""The donor's place: receipts, monthly gifts, what a donor may choose."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twinhood.documents.answers import pdf
from twinhood.giving import giver, receipt_pdf, words
from twinhood.giving import receipts as receipts_
from twinhood.giving.forms import LANGUAGES
from twinhood.giving.models import Donor, Receipt
from twinhood.giving.visits import Guest, for_guests

KEEP, YES, NO = "", "yes", "no"
SAID = {None: KEEP, True: YES, False: NO}
MEANT = {KEEP: None, YES: True, NO: False}


class PreferencesForm(forms.Form):
    """What a donor may choose, for one partnership."""

    shows_name = forms.ChoiceField(
        label=_("Show my name with my gifts"),
        required=False,
        help_text=_("On pages that anybody can read. Past gifts too."),
    )
    tells_organiser = forms.ChoiceField(
        label=_("Tell the organiser of the appeal who I am"),
        required=False,
        help_text=_("Who receives the money always knows, since they write the receipt."),
    )
    wants_news = forms.ChoiceField(
        label=_("Letters when what I paid for is bought or handed over"),
        choices=[(YES, _("Yes, at most one a day")), (NO, _("No letters"))],
        help_text=_("Receipts come in any case."),
    )
    language = forms.ChoiceField(label=_("Language of letters"), choices=LANGUAGES)

    def __init__(self, said: QueryDict | None, *, donor: Donor) -> None:
        preferences = giver.preferences_of(donor)
        initial = {
            "shows_name": SAID[preferences.shows_name],
            "tells_organiser": SAID[preferences.tells_organiser],
            "wants_news": SAID[preferences.wants_news],
            "language": preferences.language,
        }
        super().__init__(said, initial=initial, prefix=f"d{donor.pk}")
        for name in ("shows_name", "tells_organiser"):
            choices: list[tuple[str, Any]] = [(YES, _("Yes")), (NO, _("No"))]
            if not initial[name]:
                choices = [(KEEP, _("As it was said with each gift")), *choices]
            self.fields[name].choices = choices  # type: ignore[attr-defined]

    @property
    def meant(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {
            "shows_name": MEANT[said["shows_name"]],
            "tells_organiser": MEANT[said["tells_organiser"]],
            "wants_news": said["wants_news"] == YES,
            "language": said["language"],
        }


@require_http_methods(["GET", "HEAD", "POST"])
@for_guests
def settings(request: HttpRequest, guest: Guest) -> HttpResponse:
    """What a donor may choose, in each partnership by itself; and the way to their data."""
    chosen = _chosen(request, guest) if request.method == "POST" else None
    shown = {
        donor: PreferencesForm(request.POST if donor == chosen else None, donor=donor)
        for donor in guest.donors
    }
    if chosen is not None and shown[chosen].is_valid():
        giver.choose(chosen, **shown[chosen].meant)
        messages.success(request, gettext("Your choice is kept."))
        return redirect("giver:settings")
    places = zip(shown, guest.facts, shown.values(), strict=True)
    context = {"tab": "settings", "guest": guest, "places": list(places)}
    return render(request, "giving/giver_settings.html", context, status=422 if chosen else 200)


def _chosen(request: HttpRequest, guest: Guest) -> Donor:
    """Whose form was sent; a donor of somebody else is not found."""
    typed = request.POST.get("donor", "")
    donor = guest.donor_of(int(typed)) if typed.isascii() and typed.isdigit() else None
    if donor is None:
        raise Http404
    return donor


@require_safe
@for_guests
def receipts(request: HttpRequest, guest: Guest) -> HttpResponse:
    """Every receipt, newest first."""
    found = giver.receipts_of(guest.ids)[:500]
    context = {"tab": "receipts", "guest": guest, "receipts": found}
    return render(request, "giving/giver_receipts.html", context)


@require_safe
@for_guests
def receipt_file(request: HttpRequest, guest: Guest, pk: int) -> HttpResponse:
    """One receipt as PDF, also one that was replaced."""
    found = _receipt(guest, pk)
    return pdf(receipt_pdf.render(found), f"{found}.pdf")


@require_POST
@for_guests
def receipt_again(request: HttpRequest, guest: Guest, pk: int) -> HttpResponse:
    """Send one receipt to the donor's address again; a few times a day."""
    if receipts_.send_again(_receipt(guest, pk)):
        messages.success(request, gettext("It is on its way to your address."))
    else:
        messages.info(request, str(words.ENOUGH_SENT_TO_YOU))
    return redirect("giver:receipts")


def _receipt(guest: Guest, pk: int) -> Receipt:
    """A receipt of the guest's that can still be opened."""
    found = giver.receipts_of(guest.ids).filter(pk=pk, wrapped_key__isnull=False).first()
    if found is None:
        raise Http404
    return found
