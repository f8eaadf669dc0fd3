"""Papers and people for tests: an agreement of Stamford and Kramatorsk, as a specimen."""

from dataclasses import replace
from datetime import date

from twinhood.documents.core.capacity import Capacity
from twinhood.documents.core.paper import (
    Article,
    HandSignature,
    Paper,
    Party,
    SignaturePlace,
    Table,
    Words,
)

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


DRAWN = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 200">'
    '<path d="M10 100L200 40L300 160L500 60" fill="none" stroke="#000" stroke-width="6"/></svg>'
)


def act(*, is_specimen: bool = True) -> Paper:
    """The agreement with what an act of acceptance has besides: a table, signatures by hand."""

    def both(en: str, uk: str) -> Words:
        return {"en": en, "uk": uk}

    table = Table(
        caption=both("Things", "Речі"),
        heads=(both("Thing", "Річ"), both("Value", "Вартість")),
        rows=((both("ambulance 1", "швидка № 1"), both("1.00", "1,00")),),
        widths=(0, 30),
        numeric=(False, True),
    )
    hand = HandSignature(
        role=both("Commission", "Комісія"),
        office=both("Head physician", "Головний лікар"),
        name="DEMO",
        how=both("drawn on the screen", "від руки на екрані"),
        drawing=DRAWN,
        sha256="ab" * 32,
    )
    return replace(agreement(is_specimen=is_specimen), tables=(table,), by_hand=(hand,))
