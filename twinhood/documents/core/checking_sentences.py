"""The sentences of a check, in English as the translators know them, with their slots."""

from twinhood.documents.core.checking_report import Level, Result, Verdict


def _(sentence: str) -> str:
    """Name a sentence to the translators."""
    return sentence


HOLDS = _("Holds. Signed by %(names)s. Nothing was changed after signing.")
HOLDS_SEALED = _(
    "Holds. It is what was issued, byte for byte. Nobody signs papers of this kind: the public "
    "log seals them."
)
OF_WHOM = _("%(who)s: %(sentence)s")
VERDICTS = {
    Verdict.OPEN: _("Nothing speaks against it, but not everything is shown. %(sentence)s"),
    Verdict.FAILS: _("Does not hold. %(sentence)s"),
    Verdict.UNREADABLE: _("Cannot be checked. %(sentence)s"),
}

TITLES = {
    "empty": _("The file"),
    "too-large": _("The file"),
    "not-pdf": _("The file"),
    "truncated": _("The file"),
    "encrypted": _("The file"),
    "unreadable": _("The file"),
    "too-much": _("The file"),
    "damaged": _("The file"),
    "unsigned": _("Signatures"),
    "broken": _("Unchanged"),
    "changed": _("Nothing added later"),
    "certified": _("Nothing added later"),
    "labels": _("Nothing added later"),
    "byte-range": _("What is signed"),
    "structure": _("One reading"),
    "active": _("Only paper"),
    "layers": _("Only paper"),
    "archive": _("For decades"),
    "slots": _("Complete"),
    "foreign-field": _("Complete"),
    "foreign-place": _("Nothing added later"),
    "order": _("In turn"),
    "uncovered": _("To the last byte"),
    "kept": _("The paper kept here"),
    "newer": _("The paper kept here"),
    "continued": _("The paper kept here"),
    "log": _("Transparency log"),
    "wrong-holder": _("The recorded certificate"),
    "revoked": _("Revocation"),
    "revocation": _("Revocation"),
    "not-valid-then": _("Validity of the certificate"),
    "trust": _("Trust"),
    "algorithm": _("Strength"),
    "time": _("When"),
    "clock": _("When"),
    "loose": _("One form only"),
}

type Key = tuple[str, Result, str]
_P, _F, _O, _N = Result.PASSED, Result.FAILED, Result.OPEN, Result.NOTED

SENTENCES: dict[Key, str] = {
    ("empty", _F, ""): _("The file is empty."),
    ("too-large", _F, ""): _(
        "The file is larger than %(megabytes_max)s MB; a signed paper is not."
    ),
    ("not-pdf", _F, ""): _("The file is no PDF: it does not begin like one."),
    ("truncated", _F, ""): _("The end of the file is missing; it may have been cut on its way."),
    ("encrypted", _F, ""): _("The file is encrypted; what anybody can check is not."),
    ("unreadable", _F, ""): _("The file is damaged, or made so that programs stumble over it."),
    ("too-much", _F, ""): _("To read the file takes more time or memory than a paper needs."),
    ("unsigned", _F, ""): _("Nobody has signed this paper. Places for signatures: %(slots)s."),
    ("unsigned", _F, "no-place"): _(
        "Nobody has signed this paper, and it has no place for a signature."
    ),
    ("unsigned", _N, ""): _("Nobody signs papers of this kind: the log seals them."),
    ("damaged", _F, ""): _(
        "The paper was signed, and bytes of it were changed or lost since: it can no longer be "
        "read."
    ),
    ("broken", _P, ""): _("What was signed is there, byte for byte."),
    ("broken", _F, ""): _(
        "The signature does not fit the paper: it was changed after signing, or the signature "
        "belongs to another paper."
    ),
    ("changed", _P, ""): _("Only signatures and what shows their validity were added later."),
    ("changed", _F, ""): _(
        "The paper was changed after this signature. What was signed is version %(revision)s."
    ),
    ("certified", _F, ""): _(
        "More was changed than this signature allows. What was signed is version %(revision)s."
    ),
    ("labels", _F, ""): _("The title or another label of the file was changed after signing."),
    ("byte-range", _F, ""): _(
        "The signature leaves out other bytes than its own: something could be hidden there."
    ),
    ("structure", _P, ""): _("The file has one history, and two programs read the same pages."),
    ("structure", _F, ""): _(
        "The file is put together so that programs may see different papers in it (%(faults)s)."
    ),
    ("active", _P, ""): _("Nothing in it runs, plays, opens or is attached."),
    ("active", _F, ""): _("It holds what has no place in a signed paper: %(what)s."),
    ("layers", _O, ""): _(
        "It has layers that may be shown or not: readers may see different things."
    ),
    ("archive", _N, ""): _("It says that it is PDF/A-%(claims)s, and what we look at agrees."),
    ("archive", _O, ""): _("It says that it is PDF/A-%(claims)s, and is not (%(what)s)."),
    ("slots", _P, ""): _("All places are signed: %(signed)s of %(slots)s."),
    ("slots", _O, ""): _("Signed places: %(signed)s of %(slots)s. Still empty: %(missing)s."),
    ("foreign-field", _F, ""): _(
        "There is a signature where the paper has no place for one: %(fields)s."
    ),
    ("foreign-place", _F, ""): _(
        "A place for a signature was added after somebody had signed, and it may hide what was"
        " signed: %(fields)s."
    ),
    ("order", _P, ""): _("Each later signature covers all earlier ones, over the same paper."),
    ("order", _F, ""): _("The signatures do not follow one another over the same paper."),
    ("uncovered", _P, ""): _("The last signature or timestamp covers the whole file."),
    ("uncovered", _O, ""): _(
        "No signature or timestamp covers the end of the file; anybody may have written it. "
        "Bytes: %(bytes)s."
    ),
    ("kept", _P, ""): _("It is the paper kept here, byte for byte: version %(number)s of %(of)s."),
    ("kept", _F, ""): _("It is not the paper that is kept here under this code."),
    ("newer", _N, ""): _("Later something was added to the paper kept here: version %(number)s."),
    ("continued", _O, ""): _(
        "It begins with the paper kept here, and goes on with what nobody brought here. "
        "Bytes: %(bytes)s."
    ),
    ("log", _P, ""): _(
        "Its SHA-256 stands in the transparency log: leaf %(index)s, under the checkpoint over "
        "%(size)s leaves."
    ),
    ("log", _N, ""): _("The transparency log does not name its SHA-256."),
    ("log", _N, "waiting"): _(
        "Its SHA-256 is on its way into the transparency log: no checkpoint covers it yet."
    ),
    ("log", _O, ""): _(
        "The transparency log should name its SHA-256, and that cannot be shown just now. The "
        "operator has to know."
    ),
    ("log", _O, "waiting"): _(
        "Its SHA-256 is on its way into the transparency log: no checkpoint covers it yet. Look "
        "again in some minutes."
    ),
    ("log", _O, "absent"): _("The log that you brought does not name its SHA-256."),
    ("log", _O, "strange"): _(
        "The log that you brought names its SHA-256 (leaf %(index)s). Anybody can make a log: "
        "whose it is shows by its key, and you named none."
    ),
    ("wrong-holder", _P, ""): _(
        "It is the certificate that was recorded when this place was signed."
    ),
    ("wrong-holder", _F, ""): _(
        "It is not the certificate that was recorded for this place, whatever name stands in it."
    ),
    ("revoked", _F, ""): _(
        "The certificate was revoked on %(revoked_at)s, and nothing shows that it signed before."
    ),
    ("revoked", _F, "before"): _(
        "The certificate was revoked on %(revoked_at)s, before it signed."
    ),
    ("not-valid-then", _F, ""): _(
        "The certificate was valid from %(valid_from)s to %(valid_until)s, and signed at another "
        "time."
    ),
    ("not-valid-then", _O, ""): _(
        "The certificate was valid from %(valid_from)s to %(valid_until)s, and nothing shows that "
        "it signed in that time."
    ),
    ("trust", _P, ""): _("The issuer is in the trust list: %(source)s."),
    ("trust", _O, ""): _(
        "The issuer is not in the trust list. Who vouches for the certificate calls itself "
        "“%(issuer)s”."
    ),
    ("trust", _O, "own"): _(
        "The certificate vouches for itself and is not in the trust list: anybody can make one "
        "with the name “%(issuer)s”."
    ),
    ("algorithm", _O, ""): _("It was signed with a method that is no longer safe: %(name)s."),
    ("time", _P, ""): _("It was there on %(proven_at)s, as a timestamp shows."),
    ("time", _O, ""): _("When it was signed is the signatory's word alone: it has no timestamp."),
    ("time", _O, "stamped"): _("It has a timestamp, but of somebody who is not in the trust list."),
    ("clock", _N, ""): _(
        "The signatory's own clock said %(claimed_at)s; the timestamp says %(proven_at)s."
    ),
    ("revocation", _P, ""): _("None of the certificates was revoked at that time."),
    ("revocation", _O, ""): _(
        "Whether a certificate was revoked at that time is not to be seen from the paper."
    ),
    ("loose", _P, ""): _("No bit of the last signature could be another."),
    ("loose", _O, ""): _(
        "The last signature is written so that parts of it could be altered unnoticed: %(parts)s."
    ),
}

# What stands in lists inside sentences. Words of the PDF standard itself stay as they are.
PARTS = {
    "header": _("its beginning"),
    "end marks": _("its end marks"),
    "cross-reference sections": _("its tables of contents"),
    "cross-reference place": _("the places of its tables of contents"),
    "hybrid cross-references": _("two kinds of tables of contents"),
    "bytes after the end": _("bytes after its end"),
    "revisions": _("too many versions"),
    "two readings": _("two different readings"),
    "external stream": _("contents from another file"),
    "actions": _("actions"),
    "fonts": _("fonts are missing"),
    "GivingSide": _("the giving city’s"),
    "ReceivingSide": _("the receiving city’s"),
    "Giver": _("the giver’s"),
    "Receiver": _("the receiver’s"),
    "digits": _("digits in another form"),
    "padding": _("padding"),
    "certificate without a use": _("a certificate without a use"),
    "unsigned attribute": _("an unsigned attribute"),
    "revocation data": _("revocation data"),
    "issuer": _("the issuer's name"),
    "length": _("a length"),
    "tag": _("a tag"),
    "depth": _("depth"),
    "end": _("an end"),
    "boolean": _("a yes or no"),
    "null": _("nothing"),
    "integer": _("a number"),
    "bit string": _("spare bits"),
    "indefinite length": _("an open length"),
    "type": _("a type"),
    "parameters": _("parameters"),
    "version": _("a version number"),
    "digest algorithms": _("a list of algorithms"),
    "order of a set": _("an order without meaning"),
}

LEVELS = {
    Level.NONE: _("no level of PAdES"),
    Level.BASIC: _("B-B: signed"),
    Level.TIME: _("B-T: with a timestamp"),
    Level.LONG_TERM: _("B-LT: with what shows that no certificate was revoked"),
    Level.ARCHIVE: _("B-LTA: with a timestamp over all of that, for decades"),
}
