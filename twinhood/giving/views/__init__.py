"""Pages of giving, by what the treasurer does."""

from twinhood.giving.views.book import export, gifts
from twinhood.giving.views.choosing import choice
from twinhood.giving.views.disputing import disputes
from twinhood.giving.views.embed import page as embed_page
from twinhood.giving.views.embed import poster
from twinhood.giving.views.entering import amount, links, new
from twinhood.giving.views.give import page as give_page
from twinhood.giving.views.give import pledge
from twinhood.giving.views.in_kind import new_thing, thing, things
from twinhood.giving.views.matching import offers
from twinhood.giving.views.news import news
from twinhood.giving.views.notices import notices, payouts
from twinhood.giving.views.one_gift import erasure, gift, link
from twinhood.giving.views.pasting import paste
from twinhood.giving.views.refunding import refund, refund_request
from twinhood.giving.views.teams import teams

__all__ = [
    "amount",
    "choice",
    "disputes",
    "embed_page",
    "erasure",
    "export",
    "gift",
    "gifts",
    "give_page",
    "link",
    "links",
    "new",
    "new_thing",
    "news",
    "notices",
    "offers",
    "paste",
    "payouts",
    "pledge",
    "poster",
    "refund",
    "refund_request",
    "teams",
    "thing",
    "things",
]
