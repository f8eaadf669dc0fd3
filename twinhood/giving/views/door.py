"""The door of the donor's place: asking for a link, opening it, leaving."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twinhood.giving import queries, visits
from twinhood.giving.visits import hidden
from twinhood.kit import limits
from twinhood.people.models import Person

# Askings in an hour: of one visitor (a city hall may stand behind one address), and for one
# address, whether a donor has it or not.
ASKINGS_MAX = 60
ASKINGS_FOR_ONE_MAX = 6


class EnterForm(forms.Form):
    """Asks for the address."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        error_messages={
            "required": _("Enter the e-mail address that you gave with a gift."),
            "invalid": _("Enter an e-mail address, such as name@example.org."),
        },
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Ask for the link. The answer is the same whether the address is a donor's or not."""
    if request.method != "POST" and visits.guest(request) is not None:
        return hidden(redirect("giver:gifts"))
    form = EnterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        email = form.cleaned_data["email"]
        if limits.count("ask from", limits.place_of(request)) <= ASKINGS_MAX:
            if limits.count("ask for", email.strip().casefold()) <= ASKINGS_FOR_ONE_MAX:
                visits.ask_soon(email)
            return hidden(redirect("giver:sent"))
        form.add_error(None, _("Too many links were asked for from here. Try again in an hour."))
    person = request.user
    account_email = person.email if isinstance(person, Person) else ""
    context = {"form": form, "account_email": account_email}
    status = 422 if form.errors else 200
    return hidden(render(request, "giving/giver_enter.html", context, status=status))


@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """What everybody reads who asked for a link."""
    return hidden(render(request, "giving/giver_sent.html"))


@require_http_methods(["GET", "HEAD", "POST"])
def open_link(request: HttpRequest, token: str) -> HttpResponse:
    """Open a link: only a click does, since programs that check mail look at every address."""
    if request.method != "POST":
        visit = visits.waiting(token)
        status = 200 if visit else 410
        return hidden(render(request, "giving/giver_open.html", {"visit": visit}, status=status))
    visit = visits.enter(token)
    if visit is None:
        return hidden(render(request, "giving/giver_open.html", {"visit": None}, status=410))
    response = redirect("giver:gifts")
    visits.keep(response, visit)
    return hidden(response)


@require_POST
def account(request: HttpRequest) -> HttpResponse:
    """Let a signed-in person in, by the addresses that they have shown to be theirs."""
    visit = visits.enter_as(request.user) if isinstance(request.user, Person) else None
    if visit is None:
        context = {"form": EnterForm(), "has_none": True}
        return hidden(render(request, "giving/giver_enter.html", context, status=422))
    response = redirect("giver:gifts")
    visits.keep(response, visit)
    return hidden(response)


@require_http_methods(["GET", "HEAD", "POST"])
def from_gift(request: HttpRequest, secret: str) -> HttpResponse:
    """From one gift's link: send the link to all of them to the address of who gave it."""
    gift = queries.gift_by_secret(secret)
    if gift is None:
        raise Http404
    if request.method != "POST":
        return hidden(render(request, "giving/giver_from.html", {"gift": gift}))
    if limits.count("ask for gift", str(gift.pk)) <= ASKINGS_FOR_ONE_MAX:
        visits.ask_soon_for(gift)
    return hidden(redirect("giver:sent"))


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Leave the donor's place, here and wherever the cookie has got to."""
    response = redirect("giver:enter")
    visits.leave(request, response)
    return hidden(response)
