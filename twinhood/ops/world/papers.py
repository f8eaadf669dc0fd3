"""What the example's clerks wrote, in both languages. All prices and serial numbers are made up."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from twinhood.kit.fields import LocalText
from twinhood.needs.actions import NeedText, Seen
from twinhood.needs.core.checks import Check
from twinhood.needs.models import Need
from twinhood.people.models import Organisation
from twinhood.twinnings import facts

PLACE_IDS = facts.PLACE_IDS


@dataclass(frozen=True, slots=True)
class NeedPaper:
    key: str
    category: Need.Category
    title: dict[str, str]
    unit_title: dict[str, str]
    why: dict[str, str]
    quantity: int
    unit_price_minor: int
    beneficiary: str
    writer: str
    writer_for: str
    verifiers: tuple[str, ...] = ()
    is_submitted: bool = False

    def text(self, organisations: dict[str, Organisation]) -> NeedText:
        return NeedText(
            category=self.category,
            title=LocalText(self.title),
            unit_title=LocalText(self.unit_title),
            why=LocalText(self.why),
            quantity=self.quantity,
            unit_price_minor=self.unit_price_minor,
            currency="USD",
            beneficiary=organisations[self.beneficiary],
            price_note=LocalText(PRICE_NOTE),
        )


PRICE_NOTE = {
    "en": "Illustrative price, made up for this example.",
    "uk": "Ціна умовна, вигадана для цього прикладу.",
}
BOTH_VERIFIERS = ("verifier-1", "verifier-2")
NEEDS = (
    NeedPaper(
        "ambulances",
        Need.Category.AMBULANCE,
        {"en": "Ambulances", "uk": "Автомобілі швидкої допомоги"},
        {"en": "Ambulance", "uk": "Швидка"},
        {
            "en": "To replace ambulances that were destroyed or stolen. Type C, four-wheel drive.",
            "uk": "Замість знищених і викрадених. Тип C, повний привід.",
        },
        8,
        8_250_000,
        "hospital",
        "bondar",
        "hospital",
        BOTH_VERIFIERS,
    ),
    NeedPaper(
        "trucks",
        Need.Category.TRUCK,
        {"en": "Trash trucks", "uk": "Сміттєвози"},
        {"en": "Trash truck", "uk": "Сміттєвоз"},
        {
            "en": "The city collects waste every day with what is left of its fleet.",
            "uk": "Місто щодня вивозить сміття тим, що лишилося від автопарку.",
        },
        12,
        9_500_000,
        "waste",
        "iryna",
        "kramatorsk",
        BOTH_VERIFIERS,
    ),
    NeedPaper(
        "mri",
        Need.Category.MRI,
        {"en": "MRI scanner", "uk": "Апарат МРТ"},
        {"en": "MRI scanner", "uk": "Апарат МРТ"},
        {
            "en": "For the hospital: one scanner, delivered, installed, with training.",
            "uk": "Для лікарні: один апарат із доставкою, встановленням і навчанням.",
        },
        1,
        170_000_000,
        "hospital",
        "bondar",
        "hospital",
        BOTH_VERIFIERS,
    ),
    NeedPaper(
        "generators",
        Need.Category.GENERATOR,
        {"en": "Generators, 20 kW", "uk": "Генератори, 20 кВт"},
        {"en": "Generator", "uk": "Генератор"},
        {
            "en": "For pumping stations when the power is cut.",
            "uk": "Для насосних станцій на час відключень світла.",
        },
        6,
        1_450_000,
        "waste",
        "iryna",
        "kramatorsk",
        ("verifier-1",),
        is_submitted=True,
    ),
    NeedPaper(
        "beds",
        Need.Category.OTHER,
        {"uk": "Функціональні ліжка", "en": "Hospital beds"},
        {"uk": "Ліжко", "en": "Bed"},
        {"uk": "Для відділення реабілітації.", "en": "For the rehabilitation ward."},
        20,
        210_000,
        "hospital",
        "bondar",
        "hospital",
    ),
)
REGISTER = "list of health institutions (example)"
SEEN = (
    Seen(
        (Check.CALLED, Check.EVIDENCE, Check.CODE),
        "Called the institution; saw the list of what was lost and two photos. (example)",
        REGISTER,
    ),
    Seen(
        (Check.CALLED, Check.HEAD, Check.QUOTE),
        "Compared with the last inventory; spoke with the head of the service. (example)",
        REGISTER,
    ),
)


@dataclass(frozen=True, slots=True)
class QuotePaper:
    key: str
    need: str
    supplier: str
    unit_price_minor: int
    currency: str
    note: str = ""


QUOTES = (
    QuotePaper("motors-usd", "ambulances", "motors", 8_250_000, "USD"),
    QuotePaper("trucks-ambulance", "ambulances", "trucks", 8_410_000, "USD"),
    QuotePaper("medical-ambulance", "ambulances", "medical", 8_890_000, "USD"),
    QuotePaper("trucks-usd", "trucks", "trucks", 9_500_000, "USD"),
    QuotePaper("motors-truck", "trucks", "motors", 9_780_000, "USD"),
    QuotePaper("medical-truck", "trucks", "medical", 9_990_000, "USD"),
    QuotePaper("trucks-eur", "trucks", "trucks", 8_750_000, "EUR"),
    QuotePaper("mri-dear", "mri", "medical", 170_000_000, "USD"),
)
REASONS = {
    "trucks": "One maker offers this size in euros; three offers in dollars were dearer. (example)",
    "next-trucks": "The maker has none left in euros. (example)",
    "refused": "Only one maker answered so far. (example)",
}
SERIALS = {
    "first": {1: "WDB9066331S000401", 2: "WDB9066331S000402", 3: "WDB9066331S000403",
              4: "WDB9066331S000417"},
    "second": {5: "WDB9066331S000505", 6: "WDB9066331S000506"},
    "trucks": {1: "WMA06XZZ8P0000101", 2: "WMA06XZZ8P0000102", 3: "WMA06XZZ8P0000103"},
}  # fmt: skip
SIGNED_BY = {
    "en": "Example Aid (giver), hospital’s commission of three (receiver), example",
    "uk": "«Прикладна допомога» (передала), комісія лікарні з трьох осіб (прийняла), приклад",
}
# By which minutes the example's board adopted the needs.
MINUTES = "EX-4/2023"
CAMPAIGN: dict[str, Any] = {
    "slug": "25-from-each",
    "title": LocalText({"en": "$25 from each resident", "uk": "По 25 $ від кожного"}),
    "residents": 135_470,
    "residents_source": LocalText({"en": "census 2020", "uk": "перепис 2020 року"}),
    "slogan_per_head_minor": 2_500,
    "slogan_residents": 140_000,
    "slogan_source": LocalText(
        {
            "en": "as Ukraine Aid International put it to public radio, April 2023",
            "uk": "так сказали в Ukraine Aid International громадському радіо, квітень 2023 року",
        }
    ),
}
TERMS: dict[str, Any] = {
    "fallback_purpose": LocalText(
        {
            "en": "Other verified needs of the same city, by the charity’s decision. (example)",
            "uk": "Інші перевірені потреби того самого міста, за рішенням організації. (приклад)",
        }
    ),
    "surplus_rule": LocalText(
        {
            "en": "What is given beyond the target goes to the fallback purpose. (example)",
            "uk": "Зібране понад ціль іде на запасне призначення. (приклад)",
        }
    ),
    "ends_date": date(2027, 12, 31),
}
# A neighbourhood of Stamford; that it gives together is made up.
TEAM = LocalText({"en": "Springdale neighbourhood (example)", "uk": "Район Спрингдейл (приклад)"})
# Sums on the campaign's way, in cents: the first ambulances, and all of them.
WAYPOINTS = (
    (
        16_500_000,
        LocalText(
            {
                "en": "Two ambulances are paid for (example)",
                "uk": "Зібрано на два автомобілі швидкої допомоги (приклад)",
            }
        ),
    ),
    (
        66_000_000,
        LocalText(
            {
                "en": "All eight ambulances are paid for (example)",
                "uk": "Зібрано на всі вісім автомобілів швидкої допомоги (приклад)",
            }
        ),
    ),
)
