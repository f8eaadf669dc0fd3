"""Minor units as people write them, without a library: whoever verifies has only Python."""

# ISO 4217: how many digits the minor unit has, where it is not 2.
_NONE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE = "BHD IQD JOD KWD LYD OMR TND"
_FOUR = "CLF UYW"
_DIGITS = {
    currency: digits
    for digits, currencies in ((0, _NONE), (3, _THREE), (4, _FOUR))
    for currency in currencies.split()
}


def digits_of(currency: str) -> int:
    """How many digits the currency's minor unit has; 2 for one that nobody knows."""
    return _DIGITS.get(currency, 2)


def major(amount_minor: int, digits: int) -> str:
    """Write an amount of at least 0 in major units, exact: 2402 with 2 digits is "24.02"."""
    text = str(amount_minor)
    if not digits:
        return text
    if len(text) <= digits:
        text = text.zfill(digits + 1)
    return f"{text[:-digits]}.{text[-digits:]}"


def signed(amount_minor: int, digits: int) -> str:
    """The same of any amount."""
    return f"{'-' if amount_minor < 0 else ''}{major(abs(amount_minor), digits)}"
