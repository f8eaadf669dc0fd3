"""The example's agreement: Stamford and Kramatorsk, as sister cities. A specimen, of 6 April 2023.

The text is the model that people start from; who signs are offices that say DEMO, in nobody's name.
"""

from datetime import date, datetime
from typing import Any

from twinhood.documents.core.capacity import Capacity
from twinhood.documents.core.paper import Article, Paper, Party, SignaturePlace, Words
from twinhood.twinnings.core import drafting, model_text
from twinhood.twinnings.core.drafting import Side

LANGUAGES = ("en", "uk")
DATED = date(2023, 4, 6)
# Kramatorsk first, some hours before the morning in Stamford.
MOMENTS = (
    datetime.fromisoformat("2023-04-06T14:10+03:00"),
    datetime.fromisoformat("2023-04-06T11:05-04:00"),
)
CITIES: dict[Side, Words] = {
    Side.GIVING: {"en": "Stamford", "uk": "Стамфорд"},
    Side.RECEIVING: {"en": "Kramatorsk", "uk": "Краматорськ"},
}
NAMES: dict[Side, Words] = {
    Side.GIVING: {"en": "City of Stamford, Connecticut", "uk": "Місто Стамфорд, Коннектикут"},
    Side.RECEIVING: {
        "en": "Kramatorsk City Military Administration",
        "uk": "Краматорська міська військова адміністрація",
    },
}
ABOUT: dict[Side, Words] = {
    Side.GIVING: {"en": "United States of America", "uk": "Сполучені Штати Америки"},
    Side.RECEIVING: {"en": "Donetsk Region, Ukraine", "uk": "Донецька область, Україна"},
}
CAPACITIES: dict[Side, dict[str, Any]] = {
    Side.GIVING: {
        "office": {"en": "Office of the Mayor, Stamford", "uk": "Офіс мера, Стамфорд"},
        "legal_basis": {
            "en": "Charter of the City of Stamford",
            "uk": "Статут міста Стамфорд",
        },
        "zone": "America/New_York",
    },
    Side.RECEIVING: {
        "office": {
            "en": "Head of the City Military Administration, Kramatorsk",
            "uk": "Начальник міської військової адміністрації, Краматорськ",
        },
        "legal_basis": {
            "en": "Law of Ukraine “On the legal regime of martial law”, article 4",
            "uk": "Закон України «Про правовий режим воєнного стану», стаття 4",
        },
        "zone": "Europe/Kyiv",
    },
}
KIND_WORDS = {"en": "Sister-city agreement", "uk": "Угода про побратимство"}
SIDES = (Side.RECEIVING, Side.GIVING)


def paper() -> Paper:
    """The agreement as plain facts."""
    parties = {
        side: model_text.Party(CITIES[side], NAMES[side], CAPACITIES[side]["office"])
        for side in SIDES
    }
    content = model_text.begun("sister", LANGUAGES, parties, is_companion=False)
    opening, *articles = content.papers[0].articles
    return Paper(
        kind="sister",
        kind_words=KIND_WORDS,
        languages=LANGUAGES,
        title=opening.heading,
        parties=tuple(Party(NAMES[side], ABOUT[side]) for side in SIDES),
        preamble=_paragraphs(opening),
        articles=tuple(Article(one.heading, _paragraphs(one)) for one in articles),
        places=tuple(
            SignaturePlace(f"Side{number}", NAMES[side], _capacity(side))
            for number, side in enumerate(SIDES, 1)
        ),
        dated=DATED,
        version="1",
        is_specimen=True,
    )


def _capacity(side: Side) -> Capacity:
    return Capacity(
        term=f"example:{side}",
        name="DEMO",
        organisation=NAMES[side],
        act="",
        from_date=date(2022, 1, 1),
        until_date=None,
        **CAPACITIES[side],
    )


def _paragraphs(article: drafting.Article) -> tuple[Words, ...]:
    """The lines of both languages, side by side; the models have as many in each."""
    lines = {code: text.split("\n") for code, text in article.text.items()}
    both = zip(*(lines[code] for code in LANGUAGES), strict=True)
    return tuple(dict(zip(LANGUAGES, line, strict=True)) for line in both)
