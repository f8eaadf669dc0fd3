"""Bank statements in camt.053 (ISO 20022, BankToCustomerStatement, versions 2 to 14).

Read as a stream: a line of the statement becomes a value as soon as its element ends. A file from
outside may hold anything, so there is no document type, no entity and nothing external, and every
size has a bound before it is reached.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from twinhood.treasury.core.statement import (
    EARLIEST,
    LATEST,
    LINES_MAX,
    TEXT_MAX,
    BadStatement,
    Balance,
    Detail,
    Statement,
    StatementLine,
    exact_minor,
    tidy,
)

BYTES_MAX = 50 * 1024**2
# From one "<" to the next: a tag with all its attributes, and the text behind it.
STRETCH_MAX = 64 * 1024
DEPTH_MAX = 40
ATTRIBUTES_MAX = 20
# The parser hands text over in pieces of up to 8 KiB.
PIECES_MAX = 32
# Elements alive at once, and elements that are passed over: a batch of some thousand payments.
ELEMENTS_MAX = 200_000
VERSIONS = range(2, 15)

_NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.([0-9]{2})")
_DECIMAL = re.compile(r"\+?([0-9]{0,18})(?:\.([0-9]{0,18}))?")
_DAY = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:T[0-9:.]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})?")
_STATEMENT = ("Document", "BkToCstmrStmt", "Stmt")
_BOOKED_BALANCES = frozenset({"OPBD", "PRCD", "ITBD", "CLBD"})
_SIGNS = {"CRDT": 1, "DBIT": -1}


def read(stream: BinaryIO) -> list[Statement]:
    """The statements of a file, in order; at least one. Raises BadStatement.

    Codes: bytes (too many), stretch, depth, attributes, elements, lines, long (bounds), dtd, xml
    (not well-formed), kind (not a camt.053), version, namespace, empty, missing, twice, amount,
    digits, currency, date, sign, status.
    """
    builder = _Builder()
    parser = DefusedXMLParser(
        target=builder, forbid_dtd=True, forbid_entities=True, forbid_external=True
    )
    builder.expat = parser.parser
    try:
        for chunk in _bounded(stream):
            parser.feed(chunk)
        parser.close()
    except ParseError as problem:
        raise BadStatement("xml", problem.position[0]) from problem
    except DefusedXmlException as problem:
        raise BadStatement("dtd", builder.row) from problem
    except BadStatement:
        raise
    except (ValueError, LookupError) as problem:
        # Encodings that the parser cannot read.
        raise BadStatement("xml", builder.row) from problem
    if not builder.statements:
        raise BadStatement("empty")
    return builder.statements


def _bounded(stream: BinaryIO) -> Iterator[bytes]:
    size = stretch = 0
    while chunk := stream.read(STRETCH_MAX):
        size += len(chunk)
        if size > BYTES_MAX:
            raise BadStatement("bytes", what=str(BYTES_MAX))
        first = chunk.find(b"<")
        stretch += len(chunk) if first < 0 else first
        if stretch > STRETCH_MAX:
            raise BadStatement("stretch", what=str(STRETCH_MAX))
        if first >= 0:
            stretch = len(chunk) - chunk.rfind(b"<")
        yield chunk


@dataclass(slots=True)
class _Node:
    """An element that has begun. `detail` is what a TxDtls became when it ended; `elements` is how
    many were alive with it."""

    name: str
    row: int
    elements: int
    currency: str = ""
    texts: list[str] = field(default_factory=list)
    children: list["_Node"] = field(default_factory=list)
    detail: "_RawDetail | None" = None

    @property
    def text(self) -> str:
        return "".join(self.texts).strip()

    def all(self, path: str) -> list["_Node"]:
        """The elements at the end of `path` ("RmtInf/Ustrd"), in order."""
        nodes = [self]
        for name in _steps(path):
            nodes = [child for node in nodes for child in node.children if child.name == name]
            if not nodes:
                break
        return nodes

    def first(self, *paths: str) -> "_Node | None":
        """The first element that one of `paths` ("Id/IBAN") leads to."""
        return next((node for path in paths for node in self.all(path)), None)

    def word(self, *paths: str) -> str:
        """The text there, or "" if there is no such element."""
        node = self.first(*paths)
        return node.text if node else ""

    def must(self, *paths: str) -> "_Node":
        node = self.first(*paths)
        if node is None:
            raise BadStatement("missing", self.row, f"{self.name}/{paths[0]}")
        return node


@cache
def _steps(path: str) -> list[str]:
    return path.split("/")


@dataclass(frozen=True, slots=True)
class _RawDetail:
    """A TxDtls before it is known what the line around it says."""

    amount: _Node | None
    sign: str
    bank_ref: str
    end_to_end_id: str
    reference: str
    text: str
    debtor: tuple[str, str]
    creditor: tuple[str, str]


class _Builder:
    """Receives the parser's events; keeps only what the present statement needs."""

    def __init__(self) -> None:
        self.statements: list[Statement] = []
        self.expat: object = None
        self._namespace = ""
        self._stack: list[_Node] = []
        self._skipped_depth = 0
        self._elements = 0
        self._lines: list[StatementLine] = []
        self._pending_count = 0
        self._currency = ""

    @property
    def row(self) -> int:
        return int(getattr(self.expat, "CurrentLineNumber", 0))

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._bound(attributes)
        namespace, _, name = tag.rpartition("}")
        if self._skipped_depth:
            self._skipped_depth += 1
            return
        if not self._stack:
            self._open_document(namespace.removeprefix("{"), name)
        elif namespace.removeprefix("{") != self._namespace:
            # Only an envelope may hold what other schemas name (SupplementaryData).
            if self._stack[-1].name != "Envlp":
                raise BadStatement("namespace", self.row, tag)
            self._skipped_depth = 1
            return
        node = _Node(name, self.row, self._elements, attributes.get("Ccy", ""))
        if self._stack:
            self._stack[-1].children.append(node)
        self._stack.append(node)

    def _bound(self, attributes: dict[str, str]) -> None:
        self._elements += 1
        if self._elements > ELEMENTS_MAX:
            raise BadStatement("elements", self.row, str(ELEMENTS_MAX))
        if len(attributes) > ATTRIBUTES_MAX:
            raise BadStatement("attributes", self.row, str(len(attributes)))
        if len(self._stack) + self._skipped_depth >= DEPTH_MAX:
            raise BadStatement("depth", self.row, str(DEPTH_MAX))

    def _open_document(self, namespace: str, name: str) -> None:
        match = _NAMESPACE.fullmatch(namespace)
        if match is None or name != _STATEMENT[0]:
            raise BadStatement("kind", self.row, f"{namespace} {name}")
        if int(match[1]) not in VERSIONS:
            raise BadStatement("version", self.row, namespace)
        self._namespace = namespace

    def data(self, text: str) -> None:
        if not self._stack or self._skipped_depth:
            return
        node = self._stack[-1]
        # Line ends between elements are not text.
        if node.children and text.isspace():
            return
        if len(node.texts) >= PIECES_MAX:
            raise BadStatement("long", node.row, node.name)
        node.texts.append(text)

    def end(self, tag: str) -> None:
        if self._skipped_depth:
            self._skipped_depth -= 1
            return
        node = self._stack.pop()
        if node.name == "TxDtls":
            node.detail = _detail_of(node)
            self._forget(node)
        elif len(self._stack) <= len(_STATEMENT):
            self._end_outer(node, tuple(one.name for one in self._stack))

    def _end_outer(self, node: _Node, place: tuple[str, ...]) -> None:
        """What stands no deeper than the lines of a statement."""
        if place == _STATEMENT and node.name == "Ntry":
            self._take_line(node)
            self._forget(self._stack[-1].children.pop())
            self._elements -= 1
        elif (*place, node.name) == _STATEMENT:
            self._take_statement(node)
            self._forget(node)
        elif place == _STATEMENT[:2]:
            self._forget(node)

    def close(self) -> None:
        """Nothing is left to do: what has ended is in `statements`."""

    def _forget(self, node: _Node) -> None:
        """Let go of what stands below `node`: it no longer counts."""
        self._elements = node.elements
        node.children.clear()

    def _take_line(self, node: _Node) -> None:
        if len(self._lines) >= LINES_MAX:
            raise BadStatement("lines", node.row, str(LINES_MAX))
        if not self._currency:
            self._currency = _currency_of(self._stack[-1], node)
        if _status_of(node) == "BOOK":
            self._lines.append(_line_of(node, self._currency))
        else:
            self._pending_count += 1

    def _take_statement(self, node: _Node) -> None:
        currency = self._currency or _currency_of(node, None)
        opening, closing = _balances_of(node, currency)
        statement = Statement(
            name=tidy([node.word("Id")]),
            account=_account_of(node.must("Acct")),
            currency=currency,
            opening=opening,
            closing=closing,
            lines=tuple(self._lines),
            pending_count=self._pending_count,
        )
        self.statements.append(statement)
        self._lines, self._pending_count, self._currency = [], 0, ""


def _currency_of(statement: _Node, line: _Node | None) -> str:
    """The account's currency: as it says, or as its first amount does."""
    balance = statement.first("Bal/Amt")
    first = (balance.currency if balance else "") or (line.must("Amt").currency if line else "")
    currency = statement.word("Acct/Ccy") or first
    if not currency:
        raise BadStatement("missing", statement.row, "Acct/Ccy")
    return currency


def _account_of(node: _Node) -> str:
    account = re.sub(r"\s", "", node.word("Id/IBAN", "Id/Othr/Id")).upper()
    if not account:
        raise BadStatement("missing", node.row, "Acct/Id")
    return account


def _balances_of(statement: _Node, currency: str) -> tuple[Balance | None, Balance | None]:
    """Where it opens and closes; on the pages of a long statement interim balances stand in."""
    found: dict[str, list[Balance]] = {}
    for node in statement.all("Bal"):
        kind = node.word("Tp/CdOrPrtry/Cd", "Tp/Cd")
        # What is available or forecast may stand in any currency: it is no balance of the books.
        if kind in _BOOKED_BALANCES:
            found.setdefault(kind, []).append(_balance_of(node, currency))
    for kind in ("OPBD", "CLBD"):
        if len(found.get(kind, ())) > 1:
            raise BadStatement("twice", statement.row, kind)
    interim = found.get("ITBD", [])
    opening = found.get("OPBD") or found.get("PRCD") or interim[:1]
    closing = found.get("CLBD") or interim[-1:]
    return (opening[0] if opening else None), (closing[0] if closing else None)


def _balance_of(node: _Node, currency: str) -> Balance:
    amount_minor = _amount_of(node.must("Amt"), currency) * _sign_of(node.must("CdtDbtInd"))
    day = node.first("Dt/Dt", "Dt/DtTm")
    return Balance(amount_minor, _day_of(day) if day else None)


def _status_of(node: _Node) -> str:
    """BOOK, PDNG, INFO …; since version 8 the code stands one element deeper."""
    status = node.word("Sts/Cd", "Sts/Prtry", "Sts")
    if not status:
        raise BadStatement("status", node.row)
    return status


def _line_of(node: _Node, currency: str) -> StatementLine:
    sign = _sign_of(node.must("CdtDbtInd"))
    amount_minor = _amount_of(node.must("Amt"), currency) * sign
    is_reversal = node.word("RvslInd") in {"true", "1"}
    # The parties keep their places when a payment is taken back.
    is_from_debtor = (sign > 0) != is_reversal
    raw = [one.detail for one in node.all("NtryDtls/TxDtls") if one.detail]
    details = [_settled(one, currency, sign, is_from_debtor=is_from_debtor) for one in raw]
    only = details[0] if len(details) == 1 else Detail(amount_minor)
    booked = node.first("BookgDt/Dt", "BookgDt/DtTm")
    value = node.first("ValDt/Dt", "ValDt/DtTm")
    return StatementLine(
        row=node.row,
        amount_minor=amount_minor,
        booked_date=_day_of(booked or value or node.must("BookgDt/Dt")),
        value_date=_day_of(value) if value else None,
        bank_ref=tidy([node.word("AcctSvcrRef")]) or only.bank_ref,
        end_to_end_id=only.end_to_end_id,
        reference=only.reference,
        text=_text([only.text, node.word("AddtlNtryInf")], node),
        other_name=only.other_name,
        other_account=only.other_account,
        is_reversal=is_reversal,
        details=tuple(details) if len(details) > 1 else (),
    )


def _settled(raw: _RawDetail, currency: str, sign: int, *, is_from_debtor: bool) -> Detail:
    """`raw` as its line sees it: with the sign, and the party on the other side."""
    amount_minor = None
    if raw.amount is not None and raw.amount.currency == currency:
        own = _SIGNS.get(raw.sign, sign)
        amount_minor = _amount_of(raw.amount, currency) * own
    name, account = raw.debtor if is_from_debtor else raw.creditor
    return Detail(
        amount_minor=amount_minor,
        bank_ref=raw.bank_ref,
        end_to_end_id=raw.end_to_end_id,
        reference=raw.reference,
        text=raw.text,
        other_name=name,
        other_account=account,
    )


def _detail_of(node: _Node) -> _RawDetail:
    references = [one.text for one in node.all("RmtInf/Strd/CdtrRefInf/Ref")]
    free = [one.text for one in node.all("RmtInf/Ustrd")]
    more = [one.text for one in node.all("RmtInf/Strd/AddtlRmtInf")]
    end_to_end_id = tidy([node.word("Refs/EndToEndId")])
    return _RawDetail(
        amount=node.first("Amt", "AmtDtls/TxAmt/Amt"),
        sign=node.word("CdtDbtInd"),
        bank_ref=tidy([node.word("Refs/AcctSvcrRef", "Refs/TxId")]),
        end_to_end_id="" if end_to_end_id == "NOTPROVIDED" else end_to_end_id,
        reference=re.sub(r"\s", "", references[0]).upper() if references else "",
        text=_text([*free, *more, *references[1:], node.word("AddtlTxInf")], node),
        debtor=_party(node, "Dbtr"),
        creditor=_party(node, "Cdtr"),
    )


def _party(node: _Node, who: str) -> tuple[str, str]:
    """Name and account; since version 8 the name stands one element deeper."""
    inside = f"RltdPties/{who}"
    ultimate = f"RltdPties/Ultmt{who}"
    name = node.word(f"{inside}/Nm", f"{inside}/Pty/Nm", f"{ultimate}/Nm", f"{ultimate}/Pty/Nm")
    account = node.word(f"{inside}Acct/Id/IBAN", f"{inside}Acct/Id/Othr/Id")
    return tidy([name]), re.sub(r"\s", "", account).upper()


def _text(parts: list[str], node: _Node) -> str:
    text = tidy(part for part in parts if part)
    if len(text) > TEXT_MAX:
        raise BadStatement("long", node.row, f"{len(text)} > {TEXT_MAX}")
    return text


def _amount_of(node: _Node, currency: str) -> int:
    if node.currency != currency:
        raise BadStatement("currency", node.row, f"{node.currency} in {currency}")
    match = _DECIMAL.fullmatch(node.text)
    if match is None or not (match[1] or match[2]):
        raise BadStatement("amount", node.row, node.text)
    try:
        return exact_minor(match[1], match[2] or "", currency)
    except ValueError as problem:
        raise BadStatement(str(problem), node.row, node.text) from problem


def _sign_of(node: _Node) -> int:
    if node.text not in _SIGNS:
        raise BadStatement("sign", node.row, node.text)
    return _SIGNS[node.text]


def _day_of(node: _Node) -> date:
    """The day as the bank wrote it, in the bank's own zone."""
    match = _DAY.fullmatch(node.text)
    try:
        day = date.fromisoformat(match[1]) if match else None
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= LATEST:
        raise BadStatement("date", node.row, node.text)
    return day
