"""Teams at the desk: open one, share its link, close it."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from twinhood.giving import teams as verbs
from twinhood.giving.fields import LineField
from twinhood.kit import clock
from twinhood.kit.fields import LocalText
from twinhood.people.core.permissions import Action
from twinhood.people.queries import Workspace, in_workspace


class TeamForm(forms.Form):
    """What a team is called; its link is made of the English name."""

    name_en = LineField(
        label=_("Name of the team, in English"),
        length_max=80,
        help_text=_("As in: Springdale neighbourhood. Its link is made of this."),
        error_messages={"required": _("Write what the team is called.")},
    )
    name_uk = LineField(
        label=_("Name of the team, in Ukrainian"),
        length_max=80,
        error_messages={"required": _("Write what the team is called in Ukrainian too.")},
    )

    def clean_name_en(self) -> str:
        name: str = self.cleaned_data["name_en"]
        if not slugify(name):
            raise ValidationError(_("Its link needs some Latin letters or digits."))
        return name


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace(Action.SEE_DESK)
def teams(request: HttpRequest, work: Workspace) -> HttpResponse:
    """All teams with what came with them; open or close one."""
    step = request.POST.get("step", "")
    form = TeamForm(request.POST if step == "open" else None)
    if request.method == "POST":
        if not work.may(Action.RUN_CAMPAIGN):
            raise PermissionDenied
        if step == "close":
            slug = request.POST.get("team", "")
            verbs.close_team(partnership=work.partnership, slug=slug, at=clock.now())
            messages.success(request, gettext("Closed. What came with it stays counted."))
            return redirect("giving:teams", work.partnership.slug)
        if form.is_valid():
            name = LocalText(
                {"en": form.cleaned_data["name_en"], "uk": form.cleaned_data["name_uk"]}
            )
            verbs.open_team(partnership=work.partnership, name=name, by=work.person, at=clock.now())
            messages.success(request, gettext("Open. Share its link."))
            return redirect("giving:teams", work.partnership.slug)
    context = {
        "work": work,
        "form": form,
        "teams": verbs.figures(work.partnership),
        "may_run": work.may(Action.RUN_CAMPAIGN),
        "give_url": settings.SITE_URL + reverse("giving:give", args=[work.partnership.slug]),
    }
    return render(request, "giving/teams.html", context, status=422 if form.errors else 200)
