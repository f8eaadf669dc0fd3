"""Writing a need at the desk: what kind it is, its form, and who receives it."""

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from twinhood.documents import file_words
from twinhood.kit import clock
from twinhood.needs import actions, queries, renaming, words
from twinhood.needs.core import catalogue
from twinhood.needs.models import Institution, Need
from twinhood.needs.need_form import InstitutionForm, NeedForm
from twinhood.needs.views.answers import form_page, need_at, told, tried
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace

# What is no kind of the catalogue, in the address of its form.
OF_ITS_OWN = "other"
SIMILAR_MAX = 3


@in_workspace(Action.WRITE_NEED)
def new(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Choose a kind, then write a need of it; what is sent twice is written once."""
    kind = request.GET.get("kind", "")
    if request.method != "POST" and kind not in catalogue.kinds() and kind != OF_ITS_OWN:
        return render(request, "needs/kinds.html", {"work": work, "groups": catalogue.groups()})
    organisation = work.organisation_for(Action.WRITE_NEED)
    form = NeedForm(
        request.POST or None,
        request.FILES or None,
        partnership=work.partnership,
        by=work.person,
        today=work.partnership.receiving_today,
        kind="" if kind == OF_ITS_OWN else kind,
        for_organisation=organisation.pk,
    )
    if request.method == "POST" and form.is_valid() and _is_no_double(form, work, None):
        need = actions.write_need(
            partnership=work.partnership,
            text=form.text(),
            by=work.person,
            organisation=organisation,
            at=clock.now(),
            form_key=form.cleaned_data["form_key"],
            files=form.cleaned_data["papers"],
        )
        _say_what_was_left_behind(request, form)
        messages.success(request, _("Saved as a draft. Nobody else sees it before you submit it."))
        return redirect("needs:desk_need", work.partnership.slug, need.number)
    return form_page(request, "needs/form.html", {"work": work, "form": form})


@in_workspace(Action.WRITE_NEED)
def edit(request: HttpRequest, work: Workspace, number: int) -> HttpResponse:
    """Change a need; if it was submitted, its checks begin anew."""
    need = need_at(work, number)
    if need.written_by_id != work.person.pk or need.state not in (
        Need.State.DRAFT,
        Need.State.SUBMITTED,
    ):
        return told(request, work, number, words.NOT_THE_WRITER)
    form = NeedForm(
        request.POST or None,
        request.FILES or None,
        partnership=work.partnership,
        by=work.person,
        today=work.partnership.receiving_today,
        need=need,
    )
    if request.method == "POST" and form.is_valid() and _is_no_double(form, work, need):
        _say_what_was_left_behind(request, form)
        return tried(
            request,
            work,
            number,
            lambda: actions.edit_need(
                need=need,
                text=form.text(),
                by=work.person,
                at=clock.now(),
                files=form.cleaned_data["papers"],
            ),
            _("Saved."),
        )
    return form_page(request, "needs/form.html", {"work": work, "form": form, "need": need})


def _say_what_was_left_behind(request: HttpRequest, form: NeedForm) -> None:
    if sentence := file_words.left_behind(form.cleaned_data["papers"]):
        messages.info(request, sentence)


def _is_no_double(form: NeedForm, work: Workspace, need: Need | None) -> bool:
    """Whether nothing looks the same, or the writer has said what differs."""
    text = form.text()
    looks = queries.Looks(text.beneficiary.pk, text.kind, text.category, list(text.title.values()))
    # What this very form has written already is no double of itself.
    itself = Q(pk=need.pk) if need else Q(form_key=form.cleaned_data["form_key"])
    found = queries.similar_needs(work.partnership, looks, by=work.person, besides=itself)
    form.show_similar(list(found[:SIMILAR_MAX]))
    return form.is_valid()


@require_safe
@in_workspace(Action.WRITE_NEED)
def similar(request: HttpRequest, work: Workspace) -> HttpResponse:
    """What looks like the need that is being typed, as a part of its page."""
    typed = request.GET
    beneficiary = typed.get("beneficiary", "")
    kind = typed.get("kind", "")
    found: list[Need] = []
    if beneficiary.isdecimal() and len(beneficiary) < 10:
        titles = [typed[name][:120] for name in ("title_en", "title_uk") if typed.get(name)]
        looks = queries.Looks(int(beneficiary), kind, Need.Category.OTHER, titles)
        same = queries.similar_needs(
            work.partnership, looks, by=work.person, besides=Q(number=_number(typed.get("besides")))
        )
        found = list(same[:SIMILAR_MAX])
    return render(request, "needs/_similar.html", {"work": work, "similar": found})


def _number(typed: str | None) -> int:
    return int(typed) if typed and typed.isdecimal() and len(typed) < 10 else 0


@in_workspace(Action.WRITE_NEED)
def institution(request: HttpRequest, work: Workspace) -> HttpResponse:
    """Write down somebody who receives, before the first need for them."""
    return _institution(request, work, None)


@in_workspace(Action.WRITE_NEED)
def edit_institution(request: HttpRequest, work: Workspace, organisation: int) -> HttpResponse:
    """Correct an institution; another partnership's are not there."""
    return _institution(request, work, organisation)


def _institution(request: HttpRequest, work: Workspace, pk: int | None) -> HttpResponse:
    known = None
    if pk is not None:
        known = get_object_or_404(queries.beneficiaries(work.partnership), pk=pk)
    institution = Institution.objects.filter(organisation=known).first() if known else None
    form = InstitutionForm(
        request.POST or None,
        partnership=work.partnership,
        institution=institution,
        organisation=known,
    )
    if request.method == "POST" and form.is_valid():
        actions.write_institution(
            partnership=work.partnership,
            text=form.text(),
            by=work.person,
            body=work.organisation_for(Action.WRITE_NEED),
            at=clock.now(),
            organisation=known,
        )
        messages.success(request, _("Saved. It is in the list of who receives now."))
        if known is not None and renaming.waiting_for(known):
            messages.info(request, _("Its other name waits for somebody of another organisation."))
        return redirect("needs:new", work.partnership.slug)
    context = {"work": work, "form": form, "organisation": known}
    return form_page(request, "needs/institution.html", context)
