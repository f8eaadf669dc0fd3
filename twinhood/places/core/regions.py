"""Names of the regions that tell towns of one name apart, in English and Ukrainian.

Keys are ISO 3166-1 and GeoNames' code of the first administrative level. Where a region is not
here, a place is shown with its country alone.
"""

from collections.abc import Mapping

type Names = Mapping[str, str]

# Ukraine's names are those of its Ministry of Regional Development; "Crimea" and "Sevastopol" are
# Ukraine under international law.
UKRAINE = {
    "01": ("Cherkasy region", "Черкаська область"),
    "02": ("Chernihiv region", "Чернігівська область"),
    "03": ("Chernivtsi region", "Чернівецька область"),
    "04": ("Dnipropetrovsk region", "Дніпропетровська область"),
    "05": ("Donetsk region", "Донецька область"),
    "06": ("Ivano-Frankivsk region", "Івано-Франківська область"),
    "07": ("Kharkiv region", "Харківська область"),
    "08": ("Kherson region", "Херсонська область"),
    "09": ("Khmelnytskyi region", "Хмельницька область"),
    "10": ("Kirovohrad region", "Кіровоградська область"),
    "11": ("Crimea", "Автономна Республіка Крим"),
    "12": ("", ""),
    "13": ("Kyiv region", "Київська область"),
    "14": ("Luhansk region", "Луганська область"),
    "15": ("Lviv region", "Львівська область"),
    "16": ("Mykolaiv region", "Миколаївська область"),
    "17": ("Odesa region", "Одеська область"),
    "18": ("Poltava region", "Полтавська область"),
    "19": ("Rivne region", "Рівненська область"),
    "20": ("", ""),
    "21": ("Sumy region", "Сумська область"),
    "22": ("Ternopil region", "Тернопільська область"),
    "23": ("Vinnytsia region", "Вінницька область"),
    "24": ("Volyn region", "Волинська область"),
    "25": ("Zakarpattia region", "Закарпатська область"),
    "26": ("Zaporizhzhia region", "Запорізька область"),
    "27": ("Zhytomyr region", "Житомирська область"),
}
UNITED_STATES = {
    "AK": ("Alaska", "Аляска"),
    "AL": ("Alabama", "Алабама"),
    "AR": ("Arkansas", "Арканзас"),
    "AZ": ("Arizona", "Аризона"),
    "CA": ("California", "Каліфорнія"),
    "CO": ("Colorado", "Колорадо"),
    "CT": ("Connecticut", "Коннектикут"),
    "DC": ("District of Columbia", "округ Колумбія"),
    "DE": ("Delaware", "Делавер"),
    "FL": ("Florida", "Флорида"),
    "GA": ("Georgia", "Джорджія"),
    "HI": ("Hawaii", "Гаваї"),
    "IA": ("Iowa", "Айова"),
    "ID": ("Idaho", "Айдахо"),
    "IL": ("Illinois", "Іллінойс"),
    "IN": ("Indiana", "Індіана"),
    "KS": ("Kansas", "Канзас"),
    "KY": ("Kentucky", "Кентуккі"),
    "LA": ("Louisiana", "Луїзіана"),
    "MA": ("Massachusetts", "Массачусетс"),
    "MD": ("Maryland", "Меріленд"),
    "ME": ("Maine", "Мен"),
    "MI": ("Michigan", "Мічиган"),
    "MN": ("Minnesota", "Міннесота"),
    "MO": ("Missouri", "Міссурі"),
    "MS": ("Mississippi", "Міссісіпі"),
    "MT": ("Montana", "Монтана"),
    "NC": ("North Carolina", "Північна Кароліна"),
    "ND": ("North Dakota", "Північна Дакота"),
    "NE": ("Nebraska", "Небраска"),
    "NH": ("New Hampshire", "Нью-Гемпшир"),
    "NJ": ("New Jersey", "Нью-Джерсі"),
    "NM": ("New Mexico", "Нью-Мексико"),
    "NV": ("Nevada", "Невада"),
    "NY": ("New York", "Нью-Йорк"),
    "OH": ("Ohio", "Огайо"),
    "OK": ("Oklahoma", "Оклахома"),
    "OR": ("Oregon", "Орегон"),
    "PA": ("Pennsylvania", "Пенсильванія"),
    "RI": ("Rhode Island", "Род-Айленд"),
    "SC": ("South Carolina", "Південна Кароліна"),
    "SD": ("South Dakota", "Південна Дакота"),
    "TN": ("Tennessee", "Теннессі"),
    "TX": ("Texas", "Техас"),
    "UT": ("Utah", "Юта"),
    "VA": ("Virginia", "Вірджинія"),
    "VT": ("Vermont", "Вермонт"),
    "WA": ("Washington", "Вашингтон"),
    "WI": ("Wisconsin", "Вісконсин"),
    "WV": ("West Virginia", "Західна Вірджинія"),
    "WY": ("Wyoming", "Вайомінг"),
}
UNITED_KINGDOM = {
    "ENG": ("England", "Англія"),
    "NIR": ("Northern Ireland", "Північна Ірландія"),
    "SCT": ("Scotland", "Шотландія"),
    "WLS": ("Wales", "Уельс"),
}
CANADA = {
    "01": ("Alberta", "Альберта"),
    "02": ("British Columbia", "Британська Колумбія"),
    "03": ("Manitoba", "Манітоба"),
    "04": ("New Brunswick", "Нью-Брансвік"),
    "05": ("Newfoundland and Labrador", "Ньюфаундленд і Лабрадор"),
    "07": ("Nova Scotia", "Нова Шотландія"),
    "08": ("Ontario", "Онтаріо"),
    "09": ("Prince Edward Island", "Острів Принца Едварда"),
    "10": ("Quebec", "Квебек"),
    "11": ("Saskatchewan", "Саскачеван"),
    "12": ("Yukon", "Юкон"),
    "13": ("Northwest Territories", "Північно-західні території"),
    "14": ("Nunavut", "Нунавут"),
}
REGIONS = {"CA": CANADA, "GB": UNITED_KINGDOM, "UA": UKRAINE, "US": UNITED_STATES}
LANGUAGES = ("en", "uk")


def region_words(country_code: str, admin1_code: str, countries: Mapping[str, Names]) -> Names:
    """Return where a place lies, by language: {"en": "Connecticut, United States", …}.

    `countries` gives, by language, the name of each country code; a code it does not know stands
    for itself.
    """
    regions = REGIONS.get(country_code, {}).get(admin1_code, ("", ""))
    return {
        language: ", ".join(
            part for part in (region, countries[language].get(country_code, country_code)) if part
        )
        for language, region in zip(LANGUAGES, regions, strict=True)
    }
