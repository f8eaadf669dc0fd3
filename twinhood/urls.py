"""The table of addresses: pages under a language, machine addresses without one."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import URLPattern, URLResolver, include, path

from twinhood.aftercare.urls import holder_urlpatterns
from twinhood.deliveries import urls as deliveries_urls
from twinhood.deliveries.urls import need_urlpatterns
from twinhood.documents.urls import machine_urlpatterns as certificate_urlpatterns
from twinhood.giving.rails.stripe.urls import machine_urlpatterns as stripe_urlpatterns
from twinhood.giving.urls import giver_urlpatterns as door_urlpatterns
from twinhood.giving.urls import machine_urlpatterns as giving_machine_urlpatterns
from twinhood.kit.kept import machine_urlpatterns as kept_urlpatterns
from twinhood.needs import urls as needs_urls
from twinhood.opendata.urls import page_urlpatterns as public_file_urlpatterns
from twinhood.people.urls import account_urlpatterns
from twinhood.translog.urls import machine_urlpatterns as log_urlpatterns
from twinhood.web.urls import giver_urlpatterns, machine_urlpatterns, unit_urlpatterns

handler400 = "twinhood.kit.error_pages.bad_request"
handler403 = "twinhood.kit.error_pages.forbidden"
handler404 = "twinhood.kit.error_pages.not_found"
handler500 = "twinhood.kit.error_pages.server_error"

# Pages first, and first of them what whole cities send at once: looking for an address takes time.
urlpatterns: list[URLPattern | URLResolver] = [
    *i18n_patterns(
        path("", include("twinhood.giving.urls")),
        path("account/", include(account_urlpatterns)),
        path("", include("twinhood.web.urls")),
        path("", include("twinhood.translog.urls")),
        path("", include("twinhood.people.urls")),
        path("", include("twinhood.documents.urls")),
        path("", include("twinhood.twinnings.urls")),
        path("", include("twinhood.joining.urls")),
        # The public page of a need shows its orders too, so the floor above draws it.
        path("", include(([*needs_urls.urlpatterns, *need_urlpatterns], needs_urls.app_name))),
        path("", include((public_file_urlpatterns, "public_file"))),
        path("giver/", include(([*door_urlpatterns, *giver_urlpatterns], "giver"))),
        path("", include(([*deliveries_urls.urlpatterns, *unit_urlpatterns], "deliveries"))),
        path("", include("twinhood.transport.urls")),
        path("", include("twinhood.aftercare.urls")),
        path("", include((holder_urlpatterns, "holder"))),
        path("", include("twinhood.treasury.urls")),
    ),
    path("", include("twinhood.opendata.urls")),
    *log_urlpatterns,
    *kept_urlpatterns,
    *certificate_urlpatterns,
    *stripe_urlpatterns,
    *machine_urlpatterns,
    *giving_machine_urlpatterns,
]
