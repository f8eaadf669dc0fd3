"""Pages of the registry, of agreements and of how they come about."""

from django.urls import path

from twinhood.twinnings.views import drafts, registry

_DRAFTS = "desk/<slug:slug>/agreements/"
_DRAFT = f"{_DRAFTS}<int:number>/"
_ARTICLE = f"{_DRAFT}articles/<int:article>/"

app_name = "twinnings"
urlpatterns = [
    path("registry/", registry.registry, name="registry"),
    path("registry/suggest/", registry.suggest, name="suggest"),
    path("registry/atlas.svg", registry.atlas, name="atlas"),
    path("registry/<int:geoname_id>/", registry.city, name="city"),
    path("p/<slug:slug>/agreement/", registry.agreement, name="agreement"),
    path(_DRAFTS, drafts.drafts, name="drafts"),
    path(f"{_DRAFTS}new/", drafts.new, name="new_draft"),
    path(_DRAFT, drafts.draft, name="draft"),
    path(f"{_DRAFT}articles/new/", drafts.add, name="new_article"),
    path(_ARTICLE, drafts.article, name="article"),
    path(f"{_ARTICLE}removal/", drafts.removal, name="removal"),
    path(f"{_ARTICLE}comments/", drafts.comment, name="comment"),
    path(f"{_DRAFT}proposals/<int:proposal>/decision/", drafts.decision, name="decision"),
    path(f"{_DRAFT}versions/", drafts.versions, name="versions"),
    path(f"{_DRAFT}agreed/", drafts.mark, name="mark"),
    path(f"{_DRAFT}aside/", drafts.aside, name="aside"),
    path(f"{_DRAFT}steps/", drafts.steps, name="steps"),
    path(f"{_DRAFT}steps/<int:step>/striking/", drafts.strike, name="strike"),
    path("desk/<slug:slug>/offices/", drafts.offices, name="offices"),
    path("desk/<slug:slug>/offices/<int:term>/ending/", drafts.ending, name="ending"),
]
