"""Public facts: twinnings, their papers and the names of their cities, each with its source.

Data, not code. `actions.load_facts` records them. What only a list of sister cities says is not
confirmed. Nothing here is invented; the wording is ours.
"""

from datetime import date

from twinhood.twinnings.core.records import (
    AgreementRecord,
    InstrumentRecord,
    MilestoneRecord,
    NameRecord,
    PartialDate,
    SignatureRecord,
    TwinningRecord,
)

STAMFORD, KRAMATORSK = 4843564, 704508
WESTPORT, LYMAN = 4845585, 704204
EASTON, SVIATOHIRSK = 4833661, 692016
RIDGEFIELD, DRUZHKIVKA = 4841463, 616743
COVENTRY, VOLGOGRAD = 2652221, 472757
SPARTA, AFULA, MINTURNO, SETTEFRATI = 253394, 295740, 3173391, 3166586
LIMA, PUNE, NEZAHUALCOYOTL = 3936456, 1259229, 3530589

CT_PUBLIC = "Connecticut Public, 6 April 2023 (ctpublic.org)"
ADVOCATE = "Stamford Advocate, 26 March 2023"
DECENTRALIZATION = "decentralization.ua"
WESTPORT_BLOG = "06880danwoog.com"
GUARDIAN = "The Guardian, 23 March 2022"
BBC = "BBC News, March 2022"
VOLGOGRAD_NAMES = "Encyclopædia Britannica and Wikipedia, “Volgograd”"
WIKIPEDIA_2023 = (
    "Wikipedia, lists of sister cities, collected in 2023"
    " (github.com/KaiErikNiermann/sister-city-visualizer)"
)
WIKIPEDIA_2026 = (
    "Wikipedia, lists of sister cities, collected in 2026 (github.com/Hekman/twincities)"
)
WIKIDATA_2016 = "Wikidata, collected in 2016 (github.com/L3viathan/sister-cities)"
WIKIDATA_2026 = "Wikidata, property P190, as published for TidyTuesday, 12 May 2026"

# English and Ukrainian, and the city's own language where that is another.
TODAYS_NAMES: dict[int, dict[str, str]] = {
    STAMFORD: {"en": "Stamford", "uk": "Стемфорд"},
    KRAMATORSK: {"en": "Kramatorsk", "uk": "Краматорськ"},
    WESTPORT: {"en": "Westport", "uk": "Вестпорт"},
    LYMAN: {"en": "Lyman", "uk": "Лиман"},
    EASTON: {"en": "Easton", "uk": "Істон"},
    SVIATOHIRSK: {"en": "Sviatohirsk", "uk": "Святогірськ"},
    RIDGEFIELD: {"en": "Ridgefield", "uk": "Ріджфілд"},
    DRUZHKIVKA: {"en": "Druzhkivka", "uk": "Дружківка"},
    COVENTRY: {"en": "Coventry", "uk": "Ковентрі"},
    VOLGOGRAD: {"en": "Volgograd", "uk": "Волгоград", "ru": "Волгоград"},
    SPARTA: {"en": "Sparta", "uk": "Спарта", "el": "Σπάρτη"},
    AFULA: {"en": "Afula", "uk": "Афула", "he": "עפולה"},
    MINTURNO: {"en": "Minturno", "uk": "Мінтурно", "it": "Minturno"},
    SETTEFRATI: {"en": "Settefrati", "uk": "Сеттефраті", "it": "Settefrati"},
    LIMA: {"en": "Lima", "uk": "Ліма", "es": "Lima"},
    PUNE: {"en": "Pune", "uk": "Пуне", "mr": "पुणे"},
    NEZAHUALCOYOTL: {
        "en": "Ciudad Nezahualcóyotl",
        "uk": "Сьюдад-Несауалькойотль",
        "es": "Ciudad Nezahualcóyotl",
    },
}
BECAME_STALINGRAD, BECAME_VOLGOGRAD = date(1925, 4, 10), date(1961, 11, 10)
FORMER_NAMES = (
    *(
        NameRecord(VOLGOGRAD, name, language, BECAME_STALINGRAD, BECAME_VOLGOGRAD, VOLGOGRAD_NAMES)
        for language, name in (("en", "Stalingrad"), ("uk", "Сталінград"), ("ru", "Сталинград"))
    ),
    *(
        NameRecord(VOLGOGRAD, name, language, None, BECAME_STALINGRAD, VOLGOGRAD_NAMES)
        for language, name in (("en", "Tsaritsyn"), ("uk", "Царицин"), ("ru", "Царицын"))
    ),
)
PLACE_IDS = tuple(TODAYS_NAMES)

STAMFORD_AGREEMENT = AgreementRecord(
    title={
        "en": "Sister cities: Stamford and Kramatorsk",
        "uk": "Міста-побратими: Стемфорд, Краматорськ",
    },
    aim={
        "en": "Moral support, and the start of a symbolic friendship.",
        "uk": "Моральна підтримка й початок символічної дружби.",
    },
    instruments=(
        InstrumentRecord(
            kind="proclamation",
            title={
                "en": "Proclamation: the part signed by Kramatorsk",
                "uk": "Проголошення: частина, яку підписав Краматорськ",
            },
            signature=SignatureRecord(
                geoname_id=KRAMATORSK,
                signatory={"en": "Oleksandr Honcharenko", "uk": "Олександр Гончаренко"},
                office={
                    "en": "“Mayor” in the American report; head of the Kramatorsk City Military "
                    "Administration in the Ukrainian one",
                    "uk": "«мер» в американському повідомленні; начальник Краматорської міської "
                    "військової адміністрації в українському",
                },
                signed_date=date(2023, 4, 6),
                signed_where={"en": "Online", "uk": "Онлайн"},
                source=f"{CT_PUBLIC}; {DECENTRALIZATION}",
            ),
        ),
        InstrumentRecord(
            kind="proclamation",
            title={
                "en": "Proclamation: the part signed by Stamford",
                "uk": "Проголошення: частина, яку підписав Стемфорд",
            },
            signature=SignatureRecord(
                geoname_id=STAMFORD,
                signatory={"en": "Caroline Simmons", "uk": "Керолайн Сіммонс"},
                office={"en": "Mayor of Stamford", "uk": "мер Стемфорда"},
                signed_date=date(2023, 4, 6),
                signed_where={
                    "en": "Stamford’s railway station, hours after Kramatorsk’s part",
                    "uk": "Залізничний вокзал Стемфорда, за кілька годин після Краматорська",
                },
                source=CT_PUBLIC,
            ),
        ),
    ),
)

TWINNINGS = (
    TwinningRecord(
        places=(STAMFORD, KRAMATORSK),
        kind="sister",
        state="in_force",
        since_year=2023,
        is_confirmed=True,
        sources=(CT_PUBLIC, DECENTRALIZATION, WIKIPEDIA_2026),
        agreement=STAMFORD_AGREEMENT,
        milestones=(
            MilestoneRecord(
                "other",
                PartialDate.of("2023-04-03"),
                {
                    "en": "Stamford’s Board of Representatives was to vote on a resolution that "
                    "day, as announced a week before. How it voted is not recorded here.",
                    "uk": "Цього дня Рада представників Стемфорда мала голосувати за рішення, як "
                    "повідомили за тиждень до того. Як вона проголосувала, тут не записано.",
                },
                ADVOCATE,
            ),
            MilestoneRecord(
                "signed",
                PartialDate.of("2023-04-06"),
                {
                    "en": "Kramatorsk’s part was signed online by Oleksandr Honcharenko.",
                    "uk": "Частину Краматорська онлайн підписав Олександр Гончаренко.",
                },
                f"{CT_PUBLIC}; {DECENTRALIZATION}",
            ),
            MilestoneRecord(
                "in_force",
                PartialDate.of("2023-04-06"),
                {
                    "en": "Hours later Mayor Caroline Simmons signed Stamford’s part at the city’s "
                    "railway station: both sides had signed.",
                    "uk": "За кілька годин мер Керолайн Сіммонс підписала частину Стемфорда на "
                    "залізничному вокзалі міста: підписали обидві сторони.",
                },
                CT_PUBLIC,
            ),
        ),
    ),
    TwinningRecord(
        places=(WESTPORT, LYMAN),
        kind="sister",
        state="in_force",
        since_year=2022,
        is_confirmed=True,
        sources=(WESTPORT_BLOG, DECENTRALIZATION),
        milestones=(
            MilestoneRecord(
                "in_force",
                PartialDate.of("2022-12"),
                {
                    "en": "Westport and Lyman became sister cities. Westport set out to raise "
                    "$250,000: more than 575 donors gave nearly that in under a week, and $252,000 "
                    "in three weeks.",
                    "uk": "Вестпорт і Лиман стали містами-побратимами. Вестпорт вирішив зібрати "
                    "250 000 $: понад 575 благодійників внесли майже стільки менш ніж за тиждень, "
                    "а за три тижні — 252 000 $.",
                },
                f"{WESTPORT_BLOG}; {DECENTRALIZATION}",
            ),
            MilestoneRecord(
                "other",
                PartialDate.of("2023-01"),
                {
                    "en": "Two used police cars and two trash trucks, bought in Europe, arrived.",
                    "uk": "Прибули два вживані поліцейські автомобілі та два сміттєвози, куплені "
                    "в Європі.",
                },
                WESTPORT_BLOG,
            ),
        ),
    ),
    TwinningRecord(
        places=(EASTON, SVIATOHIRSK),
        kind="sister",
        state="in_force",
        since_year=2023,
        is_confirmed=True,
        sources=(DECENTRALIZATION,),
        milestones=(
            MilestoneRecord(
                "in_force",
                PartialDate.of("2023-03"),
                {
                    "en": "Easton and Sviatohirsk became sister cities.",
                    "uk": "Істон і Святогірськ стали містами-побратимами.",
                },
                DECENTRALIZATION,
            ),
        ),
    ),
    TwinningRecord(
        places=(RIDGEFIELD, DRUZHKIVKA),
        kind="sister",
        state="in_force",
        since_year=2023,
        is_confirmed=True,
        sources=("ukraineaidinternational.org", DECENTRALIZATION),
        milestones=(
            MilestoneRecord(
                "in_force",
                PartialDate.of("2023-05-17"),
                {
                    "en": "Each city signed its own proclamation on one day; the Ukrainian side "
                    "calls its paper a memorandum.",
                    "uk": "Кожне місто того самого дня підписало власне проголошення; українська "
                    "сторона називає свій документ меморандумом.",
                },
                f"ukraineaidinternational.org; {DECENTRALIZATION}",
            ),
        ),
    ),
    TwinningRecord(
        places=(COVENTRY, VOLGOGRAD),
        kind="sister",
        state="suspended",
        since_year=1944,
        is_confirmed=True,
        sources=(GUARDIAN, BBC, WIKIDATA_2016, WIKIDATA_2026),
        milestones=(
            MilestoneRecord(
                "contact",
                PartialDate.of("1941"),
                {
                    "en": "Coventry and the city then called Stalingrad came into contact during "
                    "the war.",
                    "uk": "Під час війни встановили зв’язок Ковентрі та місто, яке тоді звалося "
                    "Сталінградом.",
                },
                BBC,
            ),
            MilestoneRecord(
                "in_force",
                PartialDate.of("1944"),
                {
                    "en": "Coventry and Stalingrad became sister cities, the first of their kind. "
                    "Before that, 830 women of Coventry had sent money and an embroidered cloth.",
                    "uk": "Ковентрі та Сталінград стали містами-побратимами, першими у світі. "
                    "Перед тим 830 жінок Ковентрі надіслали гроші та вишиту скатертину.",
                },
                GUARDIAN,
            ),
            MilestoneRecord(
                "renamed",
                PartialDate.of("1961"),
                {
                    "en": "Stalingrad was renamed Volgograd.",
                    "uk": "Сталінград перейменували на Волгоград.",
                },
                VOLGOGRAD_NAMES,
            ),
            MilestoneRecord(
                "suspended",
                PartialDate.of("2022-03"),
                {
                    "en": "Coventry’s council suspended the twinning by a unanimous vote.",
                    "uk": "Рада Ковентрі одноголосно призупинила побратимський зв’язок.",
                },
                f"{BBC}; {GUARDIAN}",
                state="suspended",
                decided_by={"en": "Coventry City Council", "uk": "Міська рада Ковентрі"},
                geoname_id=COVENTRY,
            ),
        ),
    ),
    *(
        TwinningRecord(
            places=(STAMFORD, other),
            kind="sister",
            state="in_force",
            since_year=None,
            is_confirmed=False,
            sources=sources,
        )
        for other, sources in (
            (SPARTA, (WIKIPEDIA_2023, WIKIPEDIA_2026)),
            (AFULA, (WIKIDATA_2026, WIKIDATA_2016, WIKIPEDIA_2023)),
            (MINTURNO, (WIKIPEDIA_2023,)),
            (SETTEFRATI, (WIKIPEDIA_2023,)),
            (LIMA, (WIKIPEDIA_2023,)),
            (PUNE, (WIKIPEDIA_2026,)),
            (NEZAHUALCOYOTL, (WIKIPEDIA_2026,)),
        )
    ),
)
