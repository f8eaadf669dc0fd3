"""Pages of the registry, of agreements and of how they come about."""

from django.urls import path

from twinhood.twinnings.views import (
    articles,
    bonds,
    ceremony,
    city_desk,
    drafts,
    offices,
    photos,
    registry,
    signing,
)

_DRAFTS = "desk/<slug:slug>/agreements/"
_DRAFT = f"{_DRAFTS}<int:number>/"
_SEAT = f"{_DRAFTS}seats/<int:seat>/"
_CEREMONY = "p/<slug:slug>/ceremony/<int:agreement>/"
_ARTICLE = f"{_DRAFT}articles/<int:article>/"

app_name = "twinnings"
urlpatterns = [
    path("registry/", registry.registry, name="registry"),
    path("registry/suggest/", registry.suggest, name="suggest"),
    path("registry/atlas.svg", registry.atlas, name="atlas"),
    path("registry/<int:geoname_id>/", registry.city, name="city"),
    path("p/<slug:slug>/agreement/", registry.agreement, name="agreement"),
    path("desk/<slug:slug>/city/", city_desk.city, name="city_desk"),
    path("desk/<slug:slug>/city/name/", city_desk.renaming, name="renaming"),
    path("desk/<slug:slug>/city/vouching/", city_desk.vouching, name="vouching"),
    path("desk/<slug:slug>/city/vouching/<int:vouching>/", city_desk.vouched, name="vouched"),
    path(_DRAFTS, drafts.drafts, name="drafts"),
    path(f"{_DRAFTS}new/", drafts.new, name="new_draft"),
    path(_DRAFT, drafts.draft, name="draft"),
    path(f"{_DRAFT}articles/new/", articles.add, name="new_article"),
    path(_ARTICLE, articles.article, name="article"),
    path(f"{_ARTICLE}removal/", articles.removal, name="removal"),
    path(f"{_ARTICLE}comments/", articles.comment, name="comment"),
    path(f"{_DRAFT}proposals/<int:proposal>/decision/", articles.decision, name="decision"),
    path(f"{_DRAFT}versions/", drafts.versions, name="versions"),
    path(f"{_DRAFT}agreed/", drafts.mark, name="mark"),
    path(f"{_DRAFT}aside/", drafts.aside, name="aside"),
    path(f"{_DRAFT}steps/", drafts.steps, name="steps"),
    path(f"{_DRAFT}steps/<int:step>/striking/", drafts.strike, name="strike"),
    path(f"{_DRAFT}photos/", photos.photos, name="photos"),
    path(f"{_DRAFT}photos/pulling/", photos.pulling, name="pulling"),
    path(f"{_DRAFT}freezing/", signing.freezing, name="freezing"),
    path(f"{_DRAFT}reopening/", signing.reopening, name="reopening"),
    path(f"{_DRAFT}announcement/", signing.announcement, name="announcement"),
    path(f"{_DRAFT}signing/", signing.overview, name="signing"),
    path(_SEAT, signing.seat, name="seat"),
    path(f"{_SEAT}paper.pdf", signing.paper, name="paper"),
    path(f"{_SEAT}release/", signing.release, name="release"),
    path(f"{_SEAT}taking/", signing.taking, name="taking"),
    path(f"{_SEAT}upload/", signing.upload, name="upload"),
    path(f"{_SEAT}by-hand/", signing.by_hand, name="by_hand"),
    path(f"{_SEAT}witnessing/", signing.witnessing, name="witnessing"),
    path(f"{_SEAT}refusal/", signing.refusal, name="seat_refusal"),
    path(_CEREMONY, ceremony.ceremony, name="ceremony"),
    path(f"{_CEREMONY}screen/", ceremony.screen, name="ceremony_screen"),
    path(f"{_CEREMONY}seals/", ceremony.seals, name="seals"),
    path("desk/<slug:slug>/bond/", bonds.bond, name="bond"),
    path("desk/<slug:slug>/offices/", offices.offices, name="offices"),
    path("desk/<slug:slug>/offices/<int:term>/ending/", offices.ending, name="ending"),
]
