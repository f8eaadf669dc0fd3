"""The table of addresses: pages under a language, machine addresses without one."""

from importlib.util import find_spec

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path

from twinhood.deliveries.urls import need_urlpatterns
from twinhood.needs import urls as needs_urls
from twinhood.people.urls import account_urlpatterns
from twinhood.web.urls import machine_urlpatterns as web_pictures

handler400 = "twinhood.kit.error_pages.bad_request"
handler403 = "twinhood.kit.error_pages.forbidden"
handler404 = "twinhood.kit.error_pages.not_found"
handler500 = "twinhood.kit.error_pages.server_error"

PAGES = ("web", "twinnings", "giving", "deliveries", "treasury", "people")

urlpatterns: list[URLPattern | URLResolver] = [
    *(
        [path("", include("twinhood.opendata.urls"))]
        if find_spec("twinhood.deliveries.queries")
        else []
    ),
    *web_pictures,
    *i18n_patterns(
        path("account/", include(account_urlpatterns)),
        # The public page of a need shows its orders too, so the floor above draws it.
        path("", include(([*needs_urls.urlpatterns, *need_urlpatterns], needs_urls.app_name))),
        *(
            path("", include(f"twinhood.{room}.urls"))
            for room in PAGES
            if find_spec(f"twinhood.{room}") and find_spec(f"twinhood.{room}.urls")
        ),
    ),
]
