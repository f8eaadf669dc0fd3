"""Addresses of shipments, all of them the desk's."""

from django.urls import path

from twinhood.transport import views

app_name = "transport"
HERE = "desk/<slug:slug>/shipments/"
ONE = f"{HERE}<int:number>/"
urlpatterns = [
    path(HERE, views.shipments, name="shipments"),
    path(f"{HERE}new/", views.new, name="new"),
    path(ONE, views.shipment, name="shipment"),
    path(f"{ONE}loads/", views.loads, name="loads"),
    path(f"{ONE}legs/new/", views.new_leg, name="new_leg"),
    path(f"{ONE}legs/<int:position>/", views.leg, name="leg"),
    path(f"{ONE}declaration/", views.declaration, name="declaration"),
    path(f"{ONE}clearance/", views.clearance, name="clearance"),
    path(f"{ONE}report/", views.report, name="report"),
    path(f"{ONE}rate/", views.rate, name="rate"),
    path(f"{ONE}cancellation/", views.cancellation, name="cancellation"),
    path(f"{ONE}damages/new/", views.damage, name="damage"),
    path(f"{ONE}damages/<int:damage>/remedy/", views.remedy, name="remedy"),
    path(f"{ONE}papers/<slug:paper>.pdf", views.paper, name="paper"),
    path(f"{ONE}report.csv", views.report_data, name="report_data"),
]
