"""Papers that are signed, the certificates behind them, and files."""

from twinhood.documents.models.authorities import (
    Authority,
    OfficeCertificate,
    RevocationList,
    TrustedIssuer,
)
from twinhood.documents.models.files import FileChunk, Rendition, StoredFile
from twinhood.documents.models.papers import (
    SHA256_LENGTH,
    Document,
    HandWitness,
    LevelReached,
    LoggedRevision,
    Refusal,
    Release,
    Revision,
    Scan,
    Signature,
    Slot,
    Taken,
)

__all__ = [
    "SHA256_LENGTH",
    "Authority",
    "Document",
    "FileChunk",
    "HandWitness",
    "LevelReached",
    "LoggedRevision",
    "OfficeCertificate",
    "Refusal",
    "Release",
    "Rendition",
    "Revision",
    "RevocationList",
    "Scan",
    "Signature",
    "Slot",
    "StoredFile",
    "Taken",
    "TrustedIssuer",
]
