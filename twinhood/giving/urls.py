"""Addresses of giving: the treasurer's desk."""

from django.urls import path

from twinhood.giving import views
from twinhood.giving.views import door, embed, giver, monthly, own_data
from twinhood.giving.views.receipt_urls import receipt_urlpatterns

app_name = "giving"
urlpatterns = [
    path("p/<slug:slug>/give/", views.give_page, name="give"),
    path("p/<slug:slug>/give/embed/", views.embed_page, name="embed"),
    path("p/<slug:slug>/give/poster.pdf", views.poster, name="poster"),
    path("give/<str:secret>/", views.pledge, name="pledge"),
    path("letters/<str:token>/", views.news, name="news"),
    *receipt_urlpatterns,
    path("t/<str:secret>/choice/", views.choice, name="choice"),
    path("desk/<slug:slug>/matching/", views.offers, name="matching"),
    path("desk/<slug:slug>/teams/", views.teams, name="teams"),
    path("desk/<slug:slug>/in-kind/", views.things, name="things"),
    path("desk/<slug:slug>/in-kind/new/", views.new_thing, name="new_thing"),
    path("desk/<slug:slug>/in-kind/<slug:thing>/", views.thing, name="thing"),
    path("desk/<slug:slug>/gifts/", views.gifts, name="gifts"),
    path("desk/<slug:slug>/gifts/new/", views.new, name="new"),
    path("desk/<slug:slug>/gifts/new/amount/", views.amount, name="amount"),
    path("desk/<slug:slug>/gifts/paste/", views.paste, name="paste"),
    path("desk/<slug:slug>/gifts/links/", views.links, name="links"),
    path("desk/<slug:slug>/gifts/gifts.csv", views.export, name="export"),
    path("desk/<slug:slug>/notices/", views.notices, name="notices"),
    path("desk/<slug:slug>/payouts/", views.payouts, name="payouts"),
    path("desk/<slug:slug>/gifts/<slug:ref>/", views.gift, name="gift"),
    path("desk/<slug:slug>/gifts/<slug:ref>/link/", views.link, name="link"),
    path("desk/<slug:slug>/gifts/<slug:ref>/refund/", views.refund, name="refund"),
    path(
        "desk/<slug:slug>/gifts/<slug:ref>/refund/second/",
        views.refund_request,
        name="refund_request",
    ),
    path("desk/<slug:slug>/gifts/<slug:ref>/disputes/", views.disputes, name="disputes"),
    path("desk/<slug:slug>/gifts/<slug:ref>/erasure/", views.erasure, name="erasure"),
]
# The donor's place; web adds the pages that join rooms.
giver_urlpatterns = [
    path("", door.enter, name="enter"),
    path("sent/", door.sent, name="sent"),
    path("open/<str:token>/", door.open_link, name="open"),
    path("account/", door.account, name="account"),
    path("from/<str:secret>/", door.from_gift, name="from"),
    path("leave/", door.leave, name="leave"),
    path("receipts/", giver.receipts, name="receipts"),
    path("receipts/<int:pk>.pdf", giver.receipt_file, name="receipt"),
    path("receipts/<int:pk>/again/", giver.receipt_again, name="receipt_again"),
    path("monthly/", monthly.monthly, name="monthly"),
    path("monthly/<int:pk>/", monthly.monthly_one, name="monthly_one"),
    path("monthly/by/<str:secret>/", monthly.monthly_by, name="monthly_by"),
    path("settings/", giver.settings, name="settings"),
    path("data/", own_data.data, name="data"),
    path("erasure/<int:pk>/", own_data.erasure, name="erasure"),
]
# Widgets and pictures name their language themselves, so that a copied address stays.
machine_urlpatterns = [
    path(
        "embed/<slug:slug>/progress.<str:language>.html",
        embed.progress,
        name="giving_embed_progress",
    ),
    path("embed/style.css", embed.style, name="giving_widget_style"),
    path("embed/<slug:slug>/progress.json", embed.progress_json, name="giving_progress_json"),
    path("embed/<slug:slug>/button.<str:language>.html", embed.button, name="giving_embed_button"),
    path(
        "embed/<slug:slug>/progress.<str:language>.svg", embed.picture, name="giving_embed_picture"
    ),
    path("embed/<slug:slug>/share.<str:language>.svg", embed.share, name="giving_share"),
    path("embed/<slug:slug>/share.<str:language>.png", embed.share_png, name="giving_share_png"),
]
