"""The sentences of practice's own pages, in English and Ukrainian. A test compares the two."""

from collections.abc import Mapping

from twinhood.practice.core.fees import digits_of

ENGLISH = {
    "practice": "PRACTICE",
    "no_money": "No real money moves here. Never type a real card: only test cards are taken.",
    "give": "Give {amount}",
    "give_monthly": "Give {amount} every month",
    "give_yearly": "Give {amount} every year",
    "give_again": "Give {amount} again and again",
    "save_card": "Save a card",
    "email": "Email, for the receipt",
    "number": "Card number",
    "expiry": "Valid until (MM/YY)",
    "cvc": "Security code (CVC)",
    "name": "Name on the card",
    "back": "Go back without giving",
    "test_cards": "Test cards",
    "any_date": "Any date to come and any three digits will do.",
    "card_fine": "the bank agrees",
    "card_declined": "the bank declines",
    "card_poor": "declined: too little money on it",
    "card_disputed": "the bank agrees, and asks for the money back a minute later",
    "card_3ds": "the bank first asks whether it is you",
    "card_later": "the bank agrees now and declines the next months",
    "problem": "There is a problem",
    "not_charged": "You have not been charged.",
    "error_email": "Enter an email address, like anna@example.org.",
    "error_expiry": "Enter the month and year until which the card is valid, like 12/34.",
    "error_expiry_past": "This date has passed. Enter one that is still to come, like 12/34.",
    "error_cvc": "Enter the three or four digits of the security code.",
    "error_number": "This is no card number. Enter a test card, like 4242 4242 4242 4242.",
    "error_real": "This is no test card. Practice takes test cards alone; this one was not kept.",
    "error_declined": "The bank declined the card. Try another one.",
    "error_poor": "The bank declined the card: there is too little money on it. Try another one.",
    "error_expired": "The bank says that the card is no longer valid. Try another one.",
    "error_3ds": "Your bank did not confirm that it is you. Try again, or take another card.",
    "error_other": "The bank could not do it now. Try again in a minute.",
    "bank_asks": "Your bank asks: is it you?",
    "bank_says": "A payment of {amount} waits for your word.",
    "approve": "Yes, approve",
    "refuse": "No, refuse",
    "closed": "This page is no longer open",
    "closed_complete": "The payment is complete. There is nothing more to do here.",
    "closed_expired": "The time for this payment is over. Nothing was charged.",
    "continue": "Continue",
    "unknown": "There is no such page",
    "unknown_why": "Practice does not know this payment. It may have been forgotten by a restart.",
    "other_language": "Українською",
    "desk": "What the world outside does",
    "desk_why": "Here banks and time do what you want to see.",
    "now": "Practice’s clock shows {moment} UTC.",
    "day_passes": "Let a day pass",
    "month_passes": "Let a month pass",
    "pay_out": "Pay out what is on the balance",
    "payments": "Newest payments",
    "no_payments": "No payments yet.",
    "open_dispute": "Dispute {amount}, payment {name}",
    "disputed": "disputed",
    "refunded": "refunded {amount}",
    "failed": "declined",
    "succeeded": "paid",
}
UKRAINIAN = {
    "practice": "НАВЧАННЯ",
    "no_money": "Справжніх грошей тут немає. Не вводьте справжньої картки: діють лише тестові.",
    "give": "Внести {amount}",
    "give_monthly": "Вносити {amount} щомісяця",
    "give_yearly": "Вносити {amount} щороку",
    "give_again": "Вносити {amount} регулярно",
    "save_card": "Зберегти картку",
    "email": "Ел. пошта для квитанції",
    "number": "Номер картки",
    "expiry": "Діє до (ММ/РР)",
    "cvc": "Код безпеки (CVC)",
    "name": "Ім’я на картці",
    "back": "Повернутися без внеску",
    "test_cards": "Тестові картки",
    "any_date": "Підійде будь-яка майбутня дата й будь-які три цифри.",
    "card_fine": "банк погоджує",
    "card_declined": "банк відхиляє",
    "card_poor": "відхилено: на рахунку замало коштів",
    "card_disputed": "банк погоджує, а за хвилину вимагає кошти назад",
    "card_3ds": "банк спершу питає, чи це ви",
    "card_later": "банк погоджує зараз і відхиляє в наступні місяці",
    "problem": "Потрібно виправити",
    "not_charged": "Кошти не списано.",
    "error_email": "Введіть адресу ел. пошти, як-от anna@example.org.",
    "error_expiry": "Введіть місяць і рік, до яких діє картка, як-от 12/34.",
    "error_expiry_past": "Ця дата вже минула. Введіть майбутню, як-от 12/34.",
    "error_cvc": "Введіть три або чотири цифри коду безпеки.",
    "error_number": "Це не номер картки. Введіть тестову, як-от 4242 4242 4242 4242.",
    "error_real": "Це не тестова картка. Тут діють лише тестові; цього номера не збережено.",
    "error_declined": "Банк відхилив платіж. Спробуйте іншу картку.",
    "error_poor": "Банк відхилив платіж: на рахунку замало коштів. Спробуйте іншу картку.",
    "error_expired": "Банк каже, що строк дії картки минув. Спробуйте іншу.",
    "error_3ds": "Банк не підтвердив, що це ви. Спробуйте ще раз або візьміть іншу картку.",
    "error_other": "Банк не зміг виконати платіж. Спробуйте за хвилину ще раз.",
    "bank_asks": "Ваш банк питає: це ви?",
    "bank_says": "Платіж на {amount} чекає на ваше слово.",
    "approve": "Так, підтвердити",
    "refuse": "Ні, відмовити",
    "closed": "Ця сторінка вже закрита",
    "closed_complete": "Платіж завершено. Більше тут робити нічого не треба.",
    "closed_expired": "Час для цього платежу минув. Нічого не списано.",
    "continue": "Далі",
    "unknown": "Такої сторінки немає",
    "unknown_why": "Цей платіж тут невідомий. Можливо, його забуто після перезапуску.",
    "other_language": "In English",
    "desk": "Що робить зовнішній світ",
    "desk_why": "Тут банки й час роблять те, що ви хочете побачити.",
    "now": "Навчальний годинник показує {moment} UTC.",
    "day_passes": "Нехай мине день",
    "month_passes": "Нехай мине місяць",
    "pay_out": "Переказати залишок на банківський рахунок",
    "payments": "Останні платежі",
    "no_payments": "Платежів ще немає.",
    "open_dispute": "Оскаржити {amount}, платіж {name}",
    "disputed": "оскаржено",
    "refunded": "повернено {amount}",
    "failed": "відхилено",
    "succeeded": "оплачено",
}
WORDS: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "uk": UKRAINIAN}
SIGNS = {"usd": "$", "eur": "€", "gbp": "£", "uah": "₴", "jpy": "¥"}


def language(locale: str | None, accepted: str, chosen: str | None) -> str:
    """The reader's own choice first, then the shop's, then the browser's."""
    for wanted in (chosen, locale):
        if wanted and wanted[:2] in WORDS:
            return wanted[:2]
    for part in accepted.split(","):
        if part.strip()[:2].lower() in WORDS:
            return part.strip()[:2].lower()
    return "en"


def amount(minor: int, currency: str, lang: str) -> str:
    """An amount as it is written in a language: $1,234.50 or 1 234,50 $."""
    digits = digits_of(currency)
    whole, part = divmod(minor, 10**digits)
    sign = SIGNS.get(currency, currency.upper())
    grouped = f"{whole:,}"
    if lang == "uk":
        decimals = f",{part:0{digits}}" if digits else ""
        return f"{grouped.replace(',', '\N{NO-BREAK SPACE}')}{decimals}\N{NO-BREAK SPACE}{sign}"
    decimals = f".{part:0{digits}}" if digits else ""
    space = "" if len(sign) == 1 else "\N{NO-BREAK SPACE}"
    return f"{sign}{space}{grouped}{decimals}"
