"""Pages that join rooms."""

from django.urls import path

from twinhood.web import giver, machine, proof, views

app_name = "web"
urlpatterns = [
    path("", views.home, name="home"),
    path("p/<slug:slug>/", views.partnership, name="partnership"),
    path("p/<slug:slug>/sums/", views.sums, name="sums"),
    path("t/<str:secret>/", views.trace, name="trace"),
    path("t/<str:secret>/proof/", proof.page, name="proof"),
    path("t/<str:secret>/proof.json", proof.file, name="proof_file"),
    path("desk/", views.desk, name="desk"),
    path("desk/reminders/", views.reminders, name="reminders"),
    path("desk/machine/", machine.page, name="machine"),
    path("desk/<slug:slug>/", views.desk_partnership, name="desk_partnership"),
]
# Who paid for a thing joins its order and its donors, so this floor draws it; the table of
# addresses puts it beside the thing.
unit_urlpatterns = [
    path("p/<slug:slug>/units/<slug:code>/gifts/", views.unit_gifts, name="unit_gifts"),
]
# What a donor's gifts bought joins rooms; the table of addresses puts it into the donor's place.
giver_urlpatterns = [
    path("gifts/", giver.gifts, name="gifts"),
    path("gifts/<slug:ref>/", giver.gift, name="gift"),
]
# Pictures and figures have no language.
machine_urlpatterns = [
    path("calendar/<str:token>.ics", views.calendar, name="web_calendar"),
    path("metrics", machine.metrics, name="web_metrics"),
    path("p/<slug:slug>/map-<str:shape>.svg", views.band_map, name="web_band_map"),
]
