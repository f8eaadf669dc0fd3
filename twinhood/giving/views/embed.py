"""What newsrooms and halls take along: widgets, a picture to share, a poster, and the snippets.

Widgets are the same for everybody, set no cookie, run no script and load nothing from elsewhere. A
cache may show the last one for a month while this house does not answer; each shows the time of
its figure, and the snippet itself holds the figure of the day on which it was copied.
"""

from collections.abc import Callable
from dataclasses import asdict
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.csp import CSP
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _
from django.views.decorators.clickjacking import xframe_options_exempt

from twinhood.giving import offering, sharing
from twinhood.giving.core import widget_style
from twinhood.giving.core.widget_style import BadStyle, WidgetStyle
from twinhood.giving.stages import stages_of
from twinhood.kit import clock
from twinhood.kit.http import public
from twinhood.translog.models import Checkpoint

type View = Callable[..., HttpResponse]

# A campaign that closes is closed in widgets within a minute; when the house is down, figures may
# be a month old.
FRESH_S, STALE_S, DOWN_S = 30, 30, 2_592_000
EMBED_CSP = {
    "default-src": [CSP.NONE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF],
    "font-src": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.NONE],
    "frame-ancestors": ["*"],
}


def embedded(view: View) -> View:
    """For answers that any site may frame or show, in the language that the address names."""
    guarded = xframe_options_exempt(public(max_age_s=FRESH_S)(view))

    @wraps(guarded)
    def wrapped(request: HttpRequest, slug: str, language: str) -> HttpResponse:
        if language not in dict(settings.LANGUAGES):
            raise Http404
        with override(language):
            response = guarded(request, slug, language)
        response["Content-Language"] = language
        response["Cross-Origin-Resource-Policy"] = "cross-origin"
        response["Cache-Control"] = (
            f"public, max-age={FRESH_S}, stale-while-revalidate={STALE_S}, stale-if-error={DOWN_S}"
        )
        response._csp_config = EMBED_CSP  # type: ignore[attr-defined]
        return response

    return wrapped


def figures(slug: str, language: str) -> dict[str, Any]:
    """What a widget says, at this moment. Raises Http404."""
    shown = offering.offer_lately(slug, language)
    if shown is None:
        raise Http404
    partnership = shown.partnership
    with override(language):
        give_path = reverse("giving:give", args=[slug])
    return {
        "partnership": partnership,
        "campaign": shown.campaign,
        "progress": offering.campaign_progress(shown),
        "stages": stages_of(shown.campaign, clock.now()) if shown.campaign else None,
        "is_open": shown.terms is not None,
        "give_url": settings.SITE_URL + give_path,
        "at": clock.now(),
        "zone": partnership.giving_place.time_zone,
        "language": language,
    }


BAD_STYLE = {
    "color": _("Write color as six hexadecimal digits, as in color=7a1f3d."),
    "corner": _("Write corner as whole pixels from 0 to 24, as in corner=8."),
    "theme": _("Write theme as light, dark or auto."),
}


def _styled(request: HttpRequest, draw: Callable[[WidgetStyle], HttpResponse]) -> HttpResponse:
    """What an address asks for; a parameter that says nothing is told to who writes it."""
    try:
        style = widget_style.read(request.GET.dict())
    except BadStyle as problem:
        sentence = str(BAD_STYLE[problem.name])
        return HttpResponse(sentence, status=400, content_type="text/plain; charset=utf-8")
    return draw(style)


def _framed(request: HttpRequest, template: str, slug: str, language: str) -> HttpResponse:
    """A widget as its address styles it."""

    def draw(style: WidgetStyle) -> HttpResponse:
        context = figures(slug, language) | {"style_query": widget_style.query_of(style)}
        return render(request, template, context)

    return _styled(request, draw)


@public(max_age_s=86_400)
def style(request: HttpRequest) -> HttpResponse:
    """The style sheet of a styled widget."""

    def draw(style: WidgetStyle) -> HttpResponse:
        return HttpResponse(widget_style.css(style), content_type="text/css; charset=utf-8")

    return _styled(request, draw)


@embedded
def progress(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """How far the campaign is, as a small page for a frame."""
    return _framed(request, "giving/embed_progress.html", slug, language)


@public(max_age_s=FRESH_S)
def progress_json(request: HttpRequest, slug: str) -> HttpResponse:
    """The same figures for machines, with the size of the log that they stand in."""
    facts = figures(slug, "en")
    stages, progress = facts["stages"], facts["progress"]
    sealed = Checkpoint.objects.order_by("-size").first()
    answer = {
        "as_of": facts["at"].isoformat(),
        "is_open": facts["is_open"],
        "log_size": sealed.size if sealed else 0,
        "partnership": slug,
        "target_minor": progress.target_minor if progress else None,
    } | (asdict(stages) if stages else {})
    response = JsonResponse(answer)
    response["Access-Control-Allow-Origin"] = "*"
    return response


@embedded
def button(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """A button that opens the giving page beside the newsroom's own."""
    return _framed(request, "giving/embed_button.html", slug, language)


@embedded
def picture(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """How far the campaign is, as a picture: for where frames are not taken."""

    def draw(style: WidgetStyle) -> HttpResponse:
        palette = widget_style.palette(style)
        drawn = sharing.progress_svg(figures(slug, language), language, palette)
        return HttpResponse(drawn, content_type="image/svg+xml")

    return _styled(request, draw)


@embedded
def share(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """The picture that goes with a shared link, 1200 by 630; the same for everybody."""
    drawn = sharing.share_svg(figures(slug, language), language)
    return HttpResponse(drawn, content_type="image/svg+xml")


@embedded
def share_png(request: HttpRequest, slug: str, language: str) -> HttpResponse:
    """The same as PNG, for services that show no SVG."""
    drawn = sharing.share_svg(figures(slug, language), language)
    return HttpResponse(sharing.png(drawn), content_type="image/png")


class StyleForm(forms.Form):
    """How a newsroom wants its widgets."""

    color = forms.CharField(
        label=_("Colour of buttons and links"),
        help_text=_(
            "Six hexadecimal digits, as in 7a1f3d. It is made darker or lighter where it could "
            "not be read."
        ),
        required=False,
        max_length=7,
    )
    corner = forms.CharField(
        label=_("Round corners, in pixels"), help_text=_("From 0 to 24."), required=False,
        max_length=3,
    )  # fmt: skip
    theme = forms.ChoiceField(
        label=_("Light or dark"),
        choices=[
            ("auto", _("As the reader’s device")),
            ("light", _("Always light")),
            ("dark", _("Always dark")),
        ],
        required=False,
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in widget_style.PARAMETERS:
            try:
                widget_style.read({name: cleaned.get(name, "")})
            except BadStyle:
                self.add_error(name, BAD_STYLE[name])
        return cleaned

    def style(self) -> WidgetStyle:
        """What was asked for; the plain one where nothing was, or something wrong."""
        if not self.is_bound or not self.is_valid():
            return WidgetStyle()
        return widget_style.read(self.cleaned_data)


@public(max_age_s=FRESH_S)
def page(request: HttpRequest, slug: str) -> HttpResponse:
    """Snippets to copy, with what they look like, and the poster. `?color=`, `?corner=` and
    `?theme=` style them."""
    language = get_language() or "en"
    form = StyleForm(request.GET if set(request.GET) & set(widget_style.PARAMETERS) else None)
    query = widget_style.query_of(form.style())
    facts = figures(slug, language) | {"form": form, "style_query": query}
    styled = f"?{query}" if query else ""
    frame = settings.SITE_URL + reverse("giving_embed_progress", args=[slug, language]) + styled
    press = settings.SITE_URL + reverse("giving_embed_button", args=[slug, language]) + styled
    image = settings.SITE_URL + reverse("giving_embed_picture", args=[slug, language]) + styled
    snippet = {
        name: render_to_string(f"giving/embed_snippet_{name}.txt", facts | {"src": src}).strip()
        for name, src in (("frame", frame), ("button", press), ("picture", image))
    }
    status = 422 if form.errors else 200
    response = render(request, "giving/embed.html", facts | {"snippet": snippet}, status=status)
    # It shows our own widgets.
    response._csp_config = {**settings.SECURE_CSP, "frame-src": [CSP.SELF]}  # type: ignore[attr-defined]
    return response


@public(max_age_s=FRESH_S)
def poster(request: HttpRequest, slug: str) -> HttpResponse:
    """A sheet of A4 for an event, in both languages, with the code of the giving page."""
    sheets = [figures(slug, code) for code, _ in settings.LANGUAGES]
    response = HttpResponse(sharing.poster_pdf(sheets), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{slug}-poster.pdf"'
    return response
