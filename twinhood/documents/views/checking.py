"""The check of a signed paper: by its code, or of a copy that somebody brings."""

import json
from hashlib import sha256
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from twinhood.documents import logged, standing, verdicts
from twinhood.documents.core import code as codes
from twinhood.documents.core.checking_bytes import BYTES_MAX
from twinhood.documents.core.checking_report import Result, as_json
from twinhood.documents.core.checking_report import Verdict as Word
from twinhood.documents.core.checking_telling import ToldSignature
from twinhood.documents.errors import BytesMissing, TooBusy
from twinhood.documents.forms import TOO_LARGE, CodeForm, PaperForm
from twinhood.documents.models import Document, Revision, Signature
from twinhood.documents.shown import Shown, page_picture, shown
from twinhood.documents.standing import Standing
from twinhood.documents.store import the_store
from twinhood.documents.verdicts import Verdict
from twinhood.kit import limits
from twinhood.kit.http import forget_visitor, public

# Copies looked at for one place in an hour.
CHECKS_MAX = 60
# What a form around a file of the largest size may take.
BODY_BYTES_MAX = BYTES_MAX + 64 * 1024
PDF_CSP = "default-src 'none'; frame-ancestors 'none'; sandbox"

TITLES = {
    Word.HOLDS: "holds",
    Word.OPEN: "open",
    Word.FAILS: "fails",
    Word.UNSIGNED: "open",
    Word.UNREADABLE: "fails",
}


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """Bring a paper, or type its code; the answer to a paper is on the same page."""
    if "code" in request.GET:
        asked = CodeForm(request.GET)
        if asked.is_valid():
            return redirect("documents:paper", code=asked.cleaned_data["code"])
        return _page(request, {"code_form": asked}, status=422)
    return _page(request, {}) if request.method != "POST" else _looked_at(request, None)


check.is_open = True  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: HttpRequest, code: str) -> HttpResponse:
    """The paper that is kept under a code, as it stands now; a copy may be compared with it."""
    document = _found(code)
    if document.code != code:
        return redirect("documents:paper", code=document.code)
    if request.method == "POST":
        return _looked_at(request, document)
    if document.is_private:
        return _page(request, {"document": document})
    try:
        verdict = verdicts.of_kept(document)
    except TooBusy:
        return _page(request, {"document": document, "problem": _busy()}, status=503)
    except BytesMissing:
        problem = gettext("The bytes of this paper are missing here. The operator has to know.")
        return _page(request, {"document": document, "problem": problem}, status=503)
    log = verdict.report.check("log")
    is_sealed = log is not None and log.result is Result.PASSED
    context = {"document": document, "verdict": verdict, "is_kept": True, "is_sealed": is_sealed}
    return _page(request, context)


paper.is_open = True  # type: ignore[attr-defined]


def _found(code: str) -> Document:
    plain = codes.read(code)
    if not plain:
        raise Http404
    return get_object_or_404(Document, code=plain)


def _found_public(code: str) -> Document:
    document = _found(code)
    if document.is_private:
        raise Http404
    return document


def _looked_at(request: HttpRequest, document: Document | None) -> HttpResponse:
    """What is to be said of the file in the form; nothing of it is kept."""
    if limits.count("check paper", limits.place_of(request)) > CHECKS_MAX:
        problem = gettext(
            "These were many papers for one hour. Come again in the next, or run %(command)s."
        ) % {"command": "twinhood verify"}
        return _page(request, {"document": document, "problem": problem}, status=429)
    if int(request.META.get("CONTENT_LENGTH") or 0) > BODY_BYTES_MAX:
        return _page(request, {"document": document, "problem": TOO_LARGE}, status=413)
    form = PaperForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, {"document": document, "form": form}, status=422)
    data = form.cleaned_data["paper"].read()
    document = document or _with_bytes(data)
    try:
        verdict = verdicts.of_upload(data, document)
    except TooBusy:
        return _page(request, {"document": document, "problem": _busy()}, status=503)
    name = form.cleaned_data["paper"].name
    return _page(request, {"document": document, "verdict": verdict, "name": name})


def _with_bytes(data: bytes) -> Document | None:
    """The paper that is kept here with these very bytes, whichever version they are."""
    digest = sha256(data).hexdigest()
    found = Revision.objects.select_related("document").filter(sha256=digest).first()
    return found.document if found else None


def _busy() -> str:
    return gettext("Many papers are being checked just now. Try again in a minute.")


def _page(request: HttpRequest, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    verdict: Verdict | None = context.get("verdict")
    document: Document | None = context.get("document")
    kept = list(document.revisions.order_by("number")) if document else []
    found = {
        "form": PaperForm(),
        "code_form": CodeForm(),
        "bytes_max": BYTES_MAX,
        **context,
        "standing": (said := standing.of(document) if document else None),
        "is_ended": said is not None and not said.is_in_force,
        "tone": _tone(verdict, said) if verdict else "",
        "seals": _seals(verdict) if verdict else [],
        "kept": kept,
        "corrected_by": Document.objects.filter(replaces=document).first() if document else None,
        "shown": _shown(request, document, kept),
        "log_key": _key_of_proof(kept[-1]) if document and document.is_sealed else "",
        "kept_hashes": json.dumps([one.sha256 for one in kept]),
        "by_hand": _by_hand(document) if document else [],
        "signed": _with_capacities(verdict, document) if verdict else [],
        "report": as_json(verdict.report) if verdict else None,
    }
    return render(request, "documents/check.html", found, status=status)


def _tone(verdict: Verdict, said: Standing | None) -> str:
    """The bytes of a paper may hold while it is no longer in force: then it is not shown green."""
    tone = TITLES[verdict.report.verdict]
    return "open" if tone == "holds" and said is not None and not said.is_in_force else tone


def _key_of_proof(revision: Revision) -> str:
    """The key of the log in what proves a revision's place there; "" while nothing does."""
    proof = logged.proof_of(revision)
    return json.loads(proof)["key"] if proof else ""


def _shown(request: HttpRequest, document: Document | None, kept: list[Revision]) -> Shown | None:
    """The pages of the version that was asked for, else of the newest; none of a private paper."""
    if document is None or document.is_private:
        return None
    asked = request.GET.get("version", "")
    found = next((one for one in kept if str(one.number + 1) == asked), kept[-1])
    return shown(document, found)


def _seals(verdict: Verdict) -> list[str | None]:
    """The certificates' digests, from which the halves of the seal are drawn; good ones only."""
    halves = [
        one.holder.sha256 if one.holder and one.is_good else None
        for one in verdict.report.approvals[:2]
    ]
    return [*halves, None, None][:2]


def _with_capacities(
    verdict: Verdict, document: Document | None
) -> list[tuple[ToldSignature, Signature | None]]:
    """Each signature in the file with the capacity that was recorded here when it was made.

    Nothing is told of one made with another certificate than the recorded.
    """
    made = Signature.objects.filter(slot__document=document).select_related("slot")
    recorded = {(one.slot.field_name, one.certificate_sha256): one for one in made}
    return [
        (one, recorded.get((one.signature.field, one.signature.holder.sha256)))
        if one.signature.holder and document
        else (one, None)
        for one in verdict.told.signatures
    ]


def _by_hand(document: Document) -> list[Any]:
    """Signatures on paper: there is nothing in the file that shows them."""
    slots = document.slots.filter(signature__method="paper").select_related("signature")
    return [slot.signature for slot in slots.order_by("position")]


@public(max_age_s=60)
@require_safe
def revision(request: HttpRequest, code: str, version: int) -> HttpResponse:
    """One revision as it was, to save; the frozen paper is version 1.

    404 for what there is not, and for a private paper.
    """
    document = _found_public(code)
    found = get_object_or_404(document.revisions, number=version - 1)
    try:
        data = the_store().get(found.sha256)
    except BytesMissing as problem:
        raise Http404 from problem
    return HttpResponse(
        data,
        content_type="application/pdf",
        headers={
            "Content-Disposition": f'attachment; filename="{document.code}-{version}.pdf"',
            "X-Content-Type-Options": "nosniff",
            "Content-Security-Policy": PDF_CSP,
            "ETag": f'"{found.sha256}"',
        },
    )


@public(max_age_s=86_400)
@require_safe
def page(request: HttpRequest, code: str, version: int, page: int) -> HttpResponse:
    """A page of one revision as a picture, which never changes.

    404 for what there is not, and for a private paper.
    """
    document = _found_public(code)
    found = get_object_or_404(document.revisions, number=version - 1)
    if page not in shown(document, found).numbers:
        raise Http404
    try:
        data = page_picture(found.sha256, page)
    except TooBusy:
        return HttpResponse(_busy(), status=503, content_type="text/plain; charset=utf-8")
    return HttpResponse(data, content_type="image/webp")


@public(max_age_s=60)
@require_safe
def proof(request: HttpRequest, code: str, version: int) -> HttpResponse:
    """The proof that a revision stands in the log, for `twinhood verify`; 404 while it does not.

    It tells hashes alone, so there is one of a private paper too.
    """
    document = _found(code)
    found = get_object_or_404(document.revisions.select_related("logged"), number=version - 1)
    data = logged.proof_of(found)
    if data is None:
        raise Http404
    response = HttpResponse(data, content_type="application/json")
    name = f"{document.code}-{version}-proof.json"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Access-Control-Allow-Origin"] = "*"
    return response


@require_safe
def report(request: HttpRequest, code: str) -> HttpResponse:
    """The technical report of the paper that is kept here, as JSON."""
    forget_visitor(request)
    document = _found_public(code)
    try:
        verdict = verdicts.of_kept(document)
    except (TooBusy, BytesMissing):
        return JsonResponse({"error": "busy"}, status=503)
    response = JsonResponse(
        {"code": document.code, "sentence": verdict.told.sentence, **as_json(verdict.report)}
    )
    response["Access-Control-Allow-Origin"] = "*"
    return response


report.is_open = True  # type: ignore[attr-defined]
