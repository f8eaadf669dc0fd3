"""The choice of a donor whose need was withdrawn: stay for the fallback, or have it back.

Only the letter's link lets one choose. By the gift's trace link, which may be shown around, the
same address says how it stands, and sends the letter again to the address on file.
"""

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from twinhood.giving import queries, reallocation, words
from twinhood.giving.models import Choice, Gift
from twinhood.giving.reallocation import Standing

TOO_LATE = {
    "too_late": _("The time to choose is over."),
    "paid": _("This gift was given back already, or is on its way."),
    "moved_on": _("There is nothing to choose any more."),
}


class ChoiceForm(forms.Form):
    """What shall become of the gift."""

    answer = forms.ChoiceField(
        label=_("What shall become of your gift?"),
        choices=[
            (Choice.Answer.STAY, _("It stays, for the purpose named beforehand")),
            (Choice.Answer.REFUND, _("I want it back")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the two.")},
    )
    is_for_all = forms.BooleanField(
        label=_("The same for all that I gave for this need"), required=False
    )

    def __init__(self, *args: object, has_others: bool, **more: object) -> None:
        super().__init__(*args, **more)  # type: ignore[arg-type]
        if not has_others:
            del self.fields["is_for_all"]


@require_http_methods(["GET", "HEAD", "POST"])
def choice(request: HttpRequest, secret: str) -> HttpResponse:
    """One gift's choice, for whoever has the letter's link; never indexed."""
    gift = reallocation.gift_by_token(secret)
    is_shown_only = gift is None
    gift = gift or queries.gift_by_secret(secret)
    found = reallocation.standing(gift) if gift is not None else None
    if gift is None or found is None:
        raise Http404
    response = (
        _shown(request, gift, found, secret)
        if is_shown_only
        else _chosen(request, gift, found, secret)
    )
    response["X-Robots-Tag"] = "noindex"
    response["Referrer-Policy"] = "same-origin"
    return response


def _shown(request: HttpRequest, gift: Gift, found: Standing, secret: str) -> HttpResponse:
    """How it stands, for whoever was shown the gift's way; a POST sends the letter again."""
    if request.method == "POST":
        if reallocation.ask_again(gift):
            messages.success(request, gettext("It is on its way to your address."))
        else:
            messages.info(request, str(words.ENOUGH_SENT_TO_YOU))
        return redirect("giving:choice", secret)
    context = {
        "found": found,
        "gift": gift,
        "is_shown_only": True,
        "has_address": gift.donor is not None and gift.donor.has_address,
        "contact": queries.contact_of(gift.partnership),
        "secret": secret,
    }
    return render(request, "giving/choice.html", context)


def _chosen(request: HttpRequest, gift: Gift, found: Standing, secret: str) -> HttpResponse:
    form = ChoiceForm(
        request.POST or None,
        has_others=found.others > 0,
        initial={"answer": found.answer or Choice.Answer.STAY},
    )
    if request.method == "POST" and form.is_valid():
        try:
            reallocation.choose(
                gift=gift,
                answer=Choice.Answer(form.cleaned_data["answer"]),
                is_for_all=form.cleaned_data.get("is_for_all", False),
            )
        except reallocation.CannotReallocate as problem:
            form.add_error(None, TOO_LATE.get(problem.code, TOO_LATE["moved_on"]))
        else:
            messages.success(request, gettext("Thank you. Your choice is written down."))
            return redirect("giving:choice", secret)
    status = 422 if form.errors else 200
    context = {"found": found, "gift": gift, "form": form, "secret": secret}
    return render(request, "giving/choice.html", context, status=status)
