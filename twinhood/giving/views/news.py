"""The page behind "no more letters of news": a link in each of them, and one click for programs."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from twinhood.giving import letters


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def news(request: HttpRequest, token: str) -> HttpResponse:
    """Decline letters of news, or ask for them again.

    A mail program posts here without a cookie (RFC 8058), so the address itself is the key. Only
    a POST changes anything: scanners of mail follow every link.
    """
    donor = letters.donor_of_token(token)
    if donor is None:
        raise Http404
    is_changed = request.method == "POST"
    if is_changed:
        wants = request.POST.get("news") == "yes"
        letters.want_news(donor, wants)
        donor.wants_news = wants
    return render(
        request,
        "giving/news.html",
        {"partnership": donor.partnership, "wants": donor.wants_news, "is_changed": is_changed},
    )
