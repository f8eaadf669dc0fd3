"""A small gazetteer: 58 real cities with all their names, so that no test waits for 234,908."""

import json
from pathlib import Path

from twinhood.places.actions import load_gazetteer
from twinhood.places.gazetteer import City, city_of

STAMFORD, KRAMATORSK, VOLGOGRAD, COVENTRY, PARIS_TEXAS = 4843564, 704508, 472757, 2652221, 4717560

# What people type, and the GeoNames number of the city they mean: eight scripts and more, with
# slips, apostrophes, old names and other people's transliterations.
WISHES = {
    "Stamford": STAMFORD,
    "stamfrod": STAMFORD,
    "Stamfrd": STAMFORD,
    "Stanford, CT": STAMFORD,
    "Stamford, Connecticut": STAMFORD,
    "Стемфорд": STAMFORD,
    "Стемфрод": STAMFORD,
    "סטמפורד": STAMFORD,
    "ستامفورد": STAMFORD,
    "斯坦福": STAMFORD,
    "스탬퍼드": STAMFORD,
    "Kramatorsk": KRAMATORSK,
    "kramtorsk": KRAMATORSK,
    "KRAMATORSʹK": KRAMATORSK,
    "Kramators'k": KRAMATORSK,
    "Краматорськ": KRAMATORSK,
    "краматорск": KRAMATORSK,
    "Краматроськ": KRAMATORSK,
    "Krаmаtorsk": KRAMATORSK,  # two of the letters are Cyrillic
    "Κραματόρσκ": KRAMATORSK,
    "კრამატორსკი": KRAMATORSK,
    "Կրամատորսկ": KRAMATORSK,
    "كراماتورسك": KRAMATORSK,
    "קרמטורסק": KRAMATORSK,
    "クラマトルスク": KRAMATORSK,
    "クラマトルク": KRAMATORSK,
    "克拉马托尔斯克": KRAMATORSK,
    "크라마토르스크": KRAMATORSK,
    "กรามาตอสก์": KRAMATORSK,
    "Stalingrad": VOLGOGRAD,
    "Сталінград": VOLGOGRAD,
    "Stalingard": VOLGOGRAD,
    "Царицын": VOLGOGRAD,
    "वोल्गोग्राद": VOLGOGRAD,
    "Ковентрі": COVENTRY,
    "Coventy": COVENTRY,
    "Paris, Texas": PARIS_TEXAS,
    "Timisoara": 665087,
    "Łodz": 3093133,
    "zürich": 2657896,
    "Лвів": 702550,
    "New Yrok": 5128581,
    "Tokoy": 1850147,
    "東京": 1850147,
    "Αθηνα": 264371,
    "București": 0,  # not among the few: nothing may be made up
}


def few_cities() -> list[City]:
    """Read the small gazetteer, the largest city first."""
    text = Path(__file__).with_name("few_cities.json").read_text(encoding="utf-8")
    return [city_of(row) for row in json.loads(text)["cities"]]


def load_few() -> None:
    load_gazetteer(progress=lambda _: None, cities=few_cities())
