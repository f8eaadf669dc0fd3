"""Papers and people for tests: an agreement of Stamford and Kramatorsk, as a specimen."""

from dataclasses import replace
from datetime import date

from twinhood.documents.core.capacity import Capacity
from twinhood.documents.core.paper import Article, Paper, Party, SignaturePlace

WORDS = {
    "en": "Each gift is recorded, and anybody can follow it to the thing that it bought.",
    "uk": "Кожен дар записують, і кожен може простежити його до речі, яку за нього куплено.",
}
STAMFORD = {"en": "City of Stamford", "uk": "Місто Стамфорд"}
KRAMATORSK = {"en": "City of Kramatorsk", "uk": "Місто Краматорськ"}


def mayor(*, until: date | None = None) -> Capacity:
    return Capacity(
        term="term:1",
        name="DEMO",
        office={"en": "Office of the Mayor, Stamford", "uk": "Канцелярія мера, Стамфорд"},
        organisation=STAMFORD,
        legal_basis={"en": "City Charter, C3-10", "uk": "Статут міста, C3-10"},
        act="",
        from_date=date(2021, 12, 1),
        until_date=until,
        zone="America/New_York",
    )


def head(*, until: date | None = None) -> Capacity:
    return Capacity(
        term="term:2",
        name="DEMO",
        office={
            "en": "Head of the city military administration, Kramatorsk",
            "uk": "Начальник міської військової адміністрації, Краматорськ",
        },
        organisation=KRAMATORSK,
        legal_basis={"en": "Decree of the President", "uk": "Указ Президента"},
        act="№ 1/2023",
        from_date=date(2023, 1, 1),
        until_date=until,
        zone="Europe/Kyiv",
    )


def agreement(*, articles: int = 3, is_specimen: bool = True) -> Paper:
    article = Article(
        heading={"en": "How the parties help", "uk": "Як сторони допомагають"},
        paragraphs=(WORDS, WORDS),
    )
    return Paper(
        kind="sister-cities",
        kind_words={"en": "Sister-city agreement", "uk": "Угода про побратимство"},
        languages=("en", "uk"),
        title={"en": "Agreement on partnership", "uk": "Угода про партнерство"},
        parties=(Party(STAMFORD), Party(KRAMATORSK)),
        articles=(article,) * articles,
        places=(
            SignaturePlace("Side1", STAMFORD, mayor()),
            SignaturePlace("Side2", KRAMATORSK, head()),
        ),
        dated=date(2026, 4, 6),
        preamble=(WORDS,),
        closing=(WORDS,),
        version="3",
        is_specimen=is_specimen,
    )


def with_article(heading: str) -> Paper:
    """The agreement with one article of that heading in English."""
    article = Article(heading={"en": heading, "uk": "Стаття"}, paragraphs=(WORDS,))
    return replace(agreement(), articles=(article,))
