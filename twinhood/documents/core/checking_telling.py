"""The report in sentences, in the reader's language.

The sentences stand in `checking_sentences` in English; `Voice` brings the translation and the
writing of moments, so that pages and `twinhood verify` say the same.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from twinhood.documents.core.checking_report import (
    Check,
    Report,
    Result,
    Signature,
    Verdict,
)
from twinhood.documents.core.checking_sentences import (
    HOLDS,
    HOLDS_SEALED,
    LEVELS,
    OF_WHOM,
    PARTS,
    SENTENCES,
    TITLES,
    VERDICTS,
)


@dataclass(frozen=True, slots=True)
class Voice:
    """How to say it: a sentence in the reader's language, and a moment in the reader's way."""

    translate: Callable[[str], str]
    moment: Callable[[datetime], str]


PLAIN = Voice(lambda sentence: sentence, lambda at: f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC")


@dataclass(frozen=True, slots=True)
class ToldCheck:
    """One check: what it is about, how it ended, and that in a sentence."""

    code: str
    result: Result
    title: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ToldSignature:
    """One signature with who made it, how long it can be checked, and its checks."""

    signature: Signature
    who: str
    level: str
    checks: tuple[ToldCheck, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """The whole report. ``sentence`` is the verdict."""

    verdict: Verdict
    sentence: str
    checks: tuple[ToldCheck, ...]
    signatures: tuple[ToldSignature, ...]

    def every_check(self) -> Iterable[ToldCheck]:
        yield from self.checks
        for one in self.signatures:
            yield from one.checks


def told(report: Report, voice: Voice = PLAIN) -> Told:
    return Told(
        report.verdict,
        verdict_of(report, voice),
        tuple(_told(check, voice) for check in report.checks),
        tuple(
            ToldSignature(
                one,
                who(one, voice),
                voice.translate(LEVELS[one.level]),
                tuple(_told(check, voice) for check in one.checks),
            )
            for one in report.signatures
        ),
    )


def verdict_of(report: Report, voice: Voice = PLAIN) -> str:
    """The verdict in one sentence, or two where the first needs its reason."""
    decisive = report.decisive
    if decisive is None:
        if not report.approvals:
            return voice.translate(HOLDS_SEALED)
        names = "; ".join(who(one, voice) for one in report.approvals)
        return voice.translate(HOLDS) % {"names": names}
    if report.verdict is Verdict.UNSIGNED:
        return sentence_of(decisive, voice)
    sentence = sentence_of(decisive, voice)
    signer = next((one for one in report.signatures if one.field == decisive.field), None)
    if signer is not None and signer.holder is not None:
        sentence = voice.translate(OF_WHOM) % {"who": who(signer, voice), "sentence": sentence}
    return voice.translate(VERDICTS[report.verdict]) % {"sentence": sentence}


def who(signature: Signature, voice: Voice = PLAIN) -> str:
    """Whom the certificate names: name, office, organisation, each once."""
    holder = signature.holder
    if holder is None:
        return signature.field
    parts = dict.fromkeys(filter(None, (holder.name, holder.office, holder.organisation)))
    return ", ".join(parts)


def sentence_of(check: Check, voice: Voice = PLAIN) -> str:
    kind = str(check.facts.get("kind", ""))
    template = (
        SENTENCES.get((check.code, check.result, kind)) or SENTENCES[(check.code, check.result, "")]
    )
    return voice.translate(template) % _words(check.facts, voice)


def _told(check: Check, voice: Voice) -> ToldCheck:
    title = voice.translate(TITLES[check.code])
    return ToldCheck(check.code, check.result, title, sentence_of(check, voice))


def _words(facts: Mapping[str, str | int | datetime], voice: Voice) -> dict[str, str]:
    return {name: _word(value, voice) for name, value in facts.items()}


def _word(value: str | int | datetime, voice: Voice) -> str:
    if isinstance(value, datetime):
        return voice.moment(value)
    parts = str(value).split(", ")
    return ", ".join(voice.translate(PARTS[one]) if one in PARTS else one for one in parts)
