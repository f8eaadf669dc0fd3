"""What witnesses send: read, compared with what was sealed, verified, and only then kept."""

import logging
from datetime import UTC, datetime, timedelta

from twinhood.kit import clock
from twinhood.translog.core import note
from twinhood.translog.core.note import BadNote, Key, Note, Signature
from twinhood.translog.errors import BadCosignature
from twinhood.translog.keys import known_keys
from twinhood.translog.models import Checkpoint, Cosignature, Witness

logger = logging.getLogger(__name__)

# A checkpoint older than this takes no new cosignatures.
RECENT = timedelta(days=7)
# So much may a witness's clock differ from ours.
CLOCKS_APART_MAX = timedelta(days=1)


def read(data: bytes) -> tuple[Checkpoint, Note]:
    """Return the sealed checkpoint that a note is about. Raises BadCosignature."""
    try:
        sent = note.parse(data)
        told = note.parse_checkpoint(sent.text)
    except BadNote as problem:
        raise BadCosignature(400, f"not a checkpoint with signatures: {problem}") from problem
    known = Checkpoint.objects.filter(size=told.size).first()
    if known is None:
        raise BadCosignature(404, f"no checkpoint of {told.size} leaves")
    if note.parse(known.note).text != sent.text:
        if _is_signed(sent):
            # Somebody holds another tree of this size under our name: the worst there is.
            logger.error("translog.split_view size=%d sent=%s", told.size, told.root.hex())
        raise BadCosignature(409, f"another tree of {told.size} leaves")
    if clock.now() - known.sealed_at > RECENT:
        raise BadCosignature(410, f"the checkpoint of {told.size} leaves is too old")
    return known, sent


def _is_signed(sent: Note) -> bool:
    """Whether our log or a witness that we know signed it; anybody can make up another text."""
    lines = [key.vkey for key in known_keys()]
    lines += Witness.objects.filter(ended_at__isnull=True).values_list("vkey", flat=True)
    for key in map(note.parse_vkey, lines):
        for signature in sent.signatures:
            if signature.is_by(key) and _verifies(sent, signature, key):
                return True
    return False


def _verifies(sent: Note, signature: Signature, key: Key) -> bool:
    try:
        note.verify(sent.text, signature, key)
    except BadNote:
        return False
    return True


def keep(checkpoint: Checkpoint, sent: Note) -> list[str]:
    """Keep the lines of witnesses that we know; return their names. Raises BadCosignature.

    A line that is kept already is kept once. Lines of others, and our own, are left aside.
    """
    names = []
    for witness, key in _known():
        signature = _line_by(key, sent)
        if signature is not None:
            _verify(checkpoint, sent, signature, key)
            Cosignature.objects.bulk_create(
                [_row(checkpoint, witness, signature)], ignore_conflicts=True
            )
            names.append(witness.name)
    if not names:
        raise BadCosignature(403, "no signature by a witness of this log")
    logger.info("translog.cosigned size=%d by=%s", checkpoint.size, ",".join(names))
    return names


def _known() -> list[tuple[Witness, Key]]:
    active = Witness.objects.filter(ended_at__isnull=True).order_by("id")
    return [(witness, note.parse_vkey(witness.vkey)) for witness in active]


def _line_by(key: Key, sent: Note) -> Signature | None:
    try:
        return sent.by(key)
    except BadNote as problem:
        raise BadCosignature(400, str(problem)) from problem


def _verify(checkpoint: Checkpoint, sent: Note, signature: Signature, key: Key) -> None:
    try:
        note.verify(sent.text, signature, key)
    except BadNote as problem:
        raise BadCosignature(403, str(problem)) from problem
    earliest = checkpoint.sealed_at - CLOCKS_APART_MAX
    latest = clock.now() + CLOCKS_APART_MAX
    if not earliest.timestamp() <= note.cosigned_at(signature) <= latest.timestamp():
        raise BadCosignature(400, f"the clock of {key.name} is more than a day from ours")


def _row(checkpoint: Checkpoint, witness: Witness, signature: Signature) -> Cosignature:
    return Cosignature(
        checkpoint=checkpoint,
        witness=witness,
        line=signature.line,
        signed_at=datetime.fromtimestamp(note.cosigned_at(signature), UTC),
        received_at=clock.now(),
    )
