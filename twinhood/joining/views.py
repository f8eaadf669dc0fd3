"""Pages of claims: for who makes one, for the two who look at it, and for the official mailbox."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from twinhood.joining import claiming, forms, pairing, queries, suggesting
from twinhood.joining.errors import JoiningError, LinkUnknown
from twinhood.joining.models import Claim, Pairing
from twinhood.joining.words import MISSING, reason_words, sentence_for
from twinhood.kit import clock
from twinhood.kit.http import tried
from twinhood.people.models import Person
from twinhood.places.models import Place


def _signed_in[**P](
    view: Callable[Concatenate[HttpRequest, Person, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Give the view the person; whoever is not signed in is led to where one does."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if not isinstance(request.user, Person):
            return redirect_to_login(request.get_full_path())
        return view(request, request.user, *args, **kwargs)

    return wrapped


def _claim(person: Person, pk: int, *, to_vet: bool = False) -> Claim:
    """A claim that is one's own, or that one looks at; 404 for everybody else."""
    claim = get_object_or_404(queries.claims(), pk=pk)
    is_own = claim.by_id == person.pk and not to_vet
    if not is_own and not queries.may_vet(person):
        raise Http404
    return claim


@require_http_methods(["GET", "HEAD", "POST"])
@_signed_in
def apply(request: HttpRequest, person: Person, geoname_id: int | None = None) -> HttpResponse:
    """Say that one acts for a city."""
    place = get_object_or_404(Place, geoname_id=geoname_id) if geoname_id is not None else None
    form = forms.ClaimForm(request.POST or None, place=place)
    if request.method == "POST" and person.is_example:
        form.add_error(None, _("People of the example claim nothing. Sign in as yourself."))
    elif request.method == "POST" and form.is_valid():
        try:
            claim = claiming.apply(by=person, at=clock.now(), **form.facts())
        except JoiningError as problem:
            form.add_error(None, sentence_for(problem))
        else:
            messages.success(request, _("Taken in. A letter to that address is on its way."))
            return redirect("joining:claim", claim.pk)
    status = 422 if form.is_bound else 200
    return render(request, "joining/apply.html", {"form": form, "place": place}, status=status)


@require_safe
@_signed_in
def claims(request: HttpRequest, person: Person) -> HttpResponse:
    """One's own claims; and for those who look at claims, what waits and who works here."""
    may_vet = queries.may_vet(person)
    confirmed = queries.claims().filter(state=Claim.State.CONFIRMED).order_by("name", "pk")
    context = {
        "own": queries.claims().filter(by=person).order_by("-made_at", "-pk"),
        "may_vet": may_vet,
        "waiting": queries.waiting()[:200] if may_vet else [],
        "confirmed": confirmed[:200] if may_vet else [],
    }
    return render(request, "joining/claims.html", context)


@require_safe
@_signed_in
def claim(request: HttpRequest, person: Person, claim: int) -> HttpResponse:
    """A claim: what was said, what was found, what is missing, and what was proposed."""
    return _page(request, person, _claim(person, claim), {})


def _page(
    request: HttpRequest, person: Person, claim: Claim, bound: dict[str, Any]
) -> HttpResponse:
    is_own = claim.by_id == person.pk
    may_vet = not is_own and queries.may_vet(person)
    missing = claiming.lacks(claim)
    context = {
        "claim": claim,
        "is_own": is_own,
        "may_vet": may_vet,
        "is_open": claim.state == Claim.State.OPEN,
        "missing": [MISSING[one] for one in missing],
        "may_confirm": may_vet and not missing and claim.called_by_id != person.pk,
        "pairings": queries.pairings_of(claim),
        "call_form": forms.CallForm(prefix="call"),
        "refusal_form": forms.WhyForm(prefix="refusal"),
        "decline_form": forms.WhyForm(prefix="decline"),
    }
    status = 422 if bound else 200
    return render(request, "joining/claim.html", context | bound, status=status)


def _tried(
    request: HttpRequest, claim: Claim, act: Callable[[], object], done: str
) -> HttpResponse:
    to = redirect("joining:claim", claim.pk)
    return tried(request, act, done, refused=JoiningError, sentence_for=sentence_for, to=to)


def _own(person: Person, pk: int) -> Claim:
    return get_object_or_404(queries.claims(), pk=pk, by=person)


@require_POST
@_signed_in
def letter(request: HttpRequest, person: Person, claim: int) -> HttpResponse:
    """Send the letter again."""
    found = _own(person, claim)
    return _tried(
        request, found, lambda: claiming.ask_for_mail(claim=found, at=clock.now()),
        _("Another letter is on its way; links in older ones stop working."),
    )  # fmt: skip


@require_POST
@_signed_in
def withdrawal(request: HttpRequest, person: Person, claim: int) -> HttpResponse:
    found = _own(person, claim)
    return _tried(
        request, found, lambda: claiming.withdraw(claim=found, at=clock.now()), _("Withdrawn.")
    )


@require_POST
@_signed_in
def call(request: HttpRequest, person: Person, claim: int) -> HttpResponse:
    """Record a call to a number out of a register."""
    found = _claim(person, claim, to_vet=True)
    form = forms.CallForm(request.POST, prefix="call")
    if not form.is_valid():
        return _page(request, person, found, {"call_form": form})
    given = form.cleaned_data
    return _tried(
        request, found,
        lambda: claiming.record_call(claim=found, by=person, at=clock.now(), **given),
        _("Recorded. A second person looks at it and confirms."),
    )  # fmt: skip


@require_POST
@_signed_in
def confirmation(request: HttpRequest, person: Person, claim: int) -> HttpResponse:
    """The second person's word."""
    found = _claim(person, claim, to_vet=True)
    return _tried(
        request, found, lambda: claiming.confirm(claim=found, by=person, at=clock.now()),
        _("Confirmed. The city can be brought together with others now."),
    )  # fmt: skip


@require_POST
@_signed_in
def refusal(request: HttpRequest, person: Person, claim: int) -> HttpResponse:
    found = _claim(person, claim, to_vet=True)
    form = forms.WhyForm(request.POST, prefix="refusal")
    if not form.is_valid():
        return _page(request, person, found, {"refusal_form": form})
    reason = form.cleaned_data["reason"]
    return _tried(
        request, found,
        lambda: claiming.refuse(claim=found, by=person, reason=reason, at=clock.now()),
        _("Refused. Who made the claim reads your reason."),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def mail(request: HttpRequest, token: str) -> HttpResponse:
    """Where the link in the letter leads; only the button confirms, for programs open links too."""
    context: dict[str, Any] = {"token": token}
    try:
        if request.method == "POST":
            context["claim"] = claiming.confirm_mail(secret=token, at=clock.now())
            context["is_done"] = True
        else:
            context["claim"] = claiming.claim_of_link(token)
    except JoiningError as problem:
        status = 404 if isinstance(problem, LinkUnknown) else 409
        context = {"problem": sentence_for(problem)}
        return render(request, "joining/mail.html", context, status=status)
    return render(request, "joining/mail.html", context)


# --- bringing cities together


@require_safe
@_signed_in
def suggestions(request: HttpRequest, person: Person, claim: int) -> HttpResponse:
    """Cities that might fit one, each with its reasons."""
    found = _claim(person, claim, to_vet=True)
    rows = [
        {"other": one.claim, "pair": one.pair,
         "reasons": [(reason.speaks_for, reason_words(reason)) for reason in one.candidate.reasons]}
        for one in suggesting.suggestions(found)
    ]  # fmt: skip
    return render(request, "joining/suggestions.html", {"claim": found, "rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@_signed_in
def pair(request: HttpRequest, person: Person, claim: int, other: int) -> HttpResponse:
    """Propose a partnership to two cities."""
    first, second = _claim(person, claim, to_vet=True), _claim(person, other, to_vet=True)
    form = forms.PairForm(request.POST or None, first=first, second=second)
    if request.method == "POST" and form.is_valid():
        receiving = second if form.cleaned_data["role"] == str(second.pk) else first
        giving = first if receiving is second else second
        try:
            pairing.bring_together(
                giving=giving, receiving=receiving, by=person, note=form.cleaned_data["note"],
                at=clock.now(),
            )  # fmt: skip
        except JoiningError as problem:
            form.add_error(None, sentence_for(problem))
        else:
            messages.success(request, _("Proposed. Each city answers on its own page."))
            return redirect("joining:suggestions", first.pk)
    context = {"first": first, "second": second, "form": form}
    return render(request, "joining/pair.html", context, status=422 if form.is_bound else 200)


@require_POST
@_signed_in
def answer(request: HttpRequest, person: Person, claim: int, pair: int) -> HttpResponse:
    """One city's word on a pairing."""
    own = _own(person, claim)
    found = get_object_or_404(queries.pairings_of(own), pk=pair)
    is_yes = request.POST.get("answer") == "yes"
    reason = ""
    if not is_yes:
        form = forms.WhyForm(request.POST, prefix="decline")
        if not form.is_valid():
            return _page(request, person, own, {"decline_form": form})
        reason = form.cleaned_data["reason"]
    return _tried(
        request, own, lambda: _answered(found, own, is_yes, reason),
        _("Your city’s answer is recorded."),
    )  # fmt: skip


def _answered(pair: Pairing, own: Claim, is_yes: bool, reason: str) -> Pairing:
    return pairing.answer(pair=pair, claim=own, is_yes=is_yes, reason=reason, at=clock.now())
