"""What somebody sends in is kept as it came, for nobody else; what others see is made anew."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

import pikepdf
import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils.datastructures import MultiValueDict
from django.utils.translation import override
from PIL import Image

from twinhood.documents import file_words, files, sight
from twinhood.documents.core.unshown import Unshown
from twinhood.documents.errors import BytesMissing, FileRefused, TooManyFiles
from twinhood.documents.file_fields import FilesField, OneFileField
from twinhood.documents.models import StoredFile
from twinhood.documents.sight import Sight
from twinhood.documents.store import the_store
from twinhood.documents.tests.photos import drawn, jpeg, photo
from twinhood.people.models import Organisation, Partnership, Person, Role
from twinhood.places.models import Place

pytestmark = pytest.mark.django_db


@pytest.fixture
def partnership() -> Partnership:
    stamford, kramatorsk = (
        Place.objects.create(
            geoname_id=number, name=name, country_code=country, latitude=41.0, longitude=37.0,
            time_zone=zone,
        )
        for number, name, country, zone in (
            (4843564, "Stamford", "US", "America/New_York"),
            (704508, "Kramatorsk", "UA", "Europe/Kyiv"),
        )
    )  # fmt: skip
    charity = Organisation.objects.create(kind="charity", name={"en": "Charity"})
    return Partnership.objects.create(
        slug="stamford-kramatorsk", giving_place=stamford, receiving_place=kramatorsk,
        recipient=charity,
    )  # fmt: skip


@pytest.fixture
def iryna(partnership: Partnership) -> Person:
    return clerk("iryna", partnership)


def clerk(name: str, partnership: Partnership | None = None) -> Person:
    person = Person.objects.create_user(f"{name}@twinhood.example", name=name.title())
    if partnership:
        Role.objects.create(
            person=person, organisation=partnership.recipient, partnership=partnership,
            name="clerk", since_date=date(2023, 1, 1),
        )  # fmt: skip
    return person


def browser(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def shown_bytes(file: StoredFile, width: int = 480) -> bytes:
    return the_store().get(file.renditions.get(page=1, width_px=width).sha256)


def picture_of(file: StoredFile) -> str:
    return f"/files/{file.code}/1-480.webp"


def test_a_photo_is_kept_as_it_came_and_shown_without_what_the_camera_wrote(
    partnership: Partnership, iryna: Person
) -> None:
    data = jpeg(2000, 1500, has_place=True, turned=6)

    file = files.keep(photo(data), partnership=partnership, by=iryna)

    assert (file.state, file.media_type, file.had_place) == ("received", "image/jpeg", True)
    assert the_store().get(sha256(data).hexdigest()) == data
    for one in file.renditions.all():
        webp = the_store().get(one.sha256)
        assert b"PLANTED" not in webp
        assert not {b"EXIF", b"XMP ", b"ICCP"} & {webp[i : i + 4] for i in range(len(webp))}
    small = Image.open(io.BytesIO(shown_bytes(file)))
    # Held upright: what was the left edge is the top now, and the red corner is top right.
    assert small.size == (480, 640)
    assert small.getpixel((470, 10))[0] > 200  # type: ignore[index]
    assert sorted(file.renditions.values_list("width_px", flat=True)) == [480, 1500]


def test_the_same_photo_sent_twice_is_one_file_and_one_object(
    partnership: Partnership, iryna: Person
) -> None:
    first = files.keep(photo(), partnership=partnership, by=iryna)
    again = files.keep(photo(), partnership=partnership, by=iryna)
    of_another = files.keep(photo(), partnership=partnership, by=clerk("oksana", partnership))

    assert again == first
    assert of_another != first
    assert of_another.sha256 == first.sha256


def test_nobody_but_the_sender_sees_a_file_that_belongs_to_nothing(
    partnership: Partnership, iryna: Person
) -> None:
    file = files.keep(photo(), partnership=partnership, by=iryna)
    colleague, stranger = clerk("oksana", partnership), clerk("stranger")

    for visitor in (Client(), browser(stranger), browser(colleague)):
        assert visitor.get(picture_of(file)).status_code == 404
        assert visitor.get(f"/files/{file.code}/original").status_code == 404
    mine = browser(iryna).get(picture_of(file))

    assert mine.status_code == 200
    assert mine["Content-Type"] == "image/webp"
    assert mine["Cache-Control"] == "private, no-store"
    assert mine["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in mine["Content-Security-Policy"]


def test_the_room_that_a_file_belongs_to_says_who_sees_it(
    partnership: Partnership, iryna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = files.keep(photo(), partnership=partnership, by=iryna)
    colleague, stranger = browser(clerk("oksana", partnership)), browser(clerk("stranger"))

    def seen_by(*said: Sight) -> list[int]:
        monkeypatch.setattr(sight, "_keepers", [lambda _file, one=one: one for one in said])
        asked = (Client(), stranger, colleague, browser(iryna))
        return [visitor.get(picture_of(file)).status_code for visitor in asked]

    assert seen_by(Sight.WORKSPACE) == [404, 404, 200, 200]
    assert seen_by(Sight.PUBLIC) == [200, 200, 200, 200]
    assert seen_by(Sight.PUBLIC, Sight.PULLED_BACK) == [404, 404, 200, 200]
    assert seen_by(Sight.PUBLIC, Sight.WORKSPACE) == [200, 200, 200, 200]


def test_a_public_picture_may_be_cached_for_a_minute_and_the_original_never(
    partnership: Partnership, iryna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = files.keep(photo(name="Фото «1».jpg"), partnership=partnership, by=iryna)
    monkeypatch.setattr(sight, "_keepers", [lambda _file: Sight.PUBLIC])

    public = Client().get(picture_of(file))
    again = Client().get(picture_of(file), headers={"if-none-match": public["ETag"]})
    back = browser(iryna).get(f"/files/{file.code}/original")

    assert public["Cache-Control"] == "public, max-age=60, must-revalidate"
    assert "cookie" not in public.get("Vary", "").lower()
    assert again.status_code == 304
    assert Client().get(f"/files/{file.code}/original").status_code == 404
    assert back.content == jpeg()
    assert back["Content-Type"] == "application/octet-stream"
    assert back["Content-Disposition"].startswith("attachment; filename*=utf-8''%D0%A4")
    assert back["Cache-Control"] == "private, no-store"


def saved(picture: Image.Image, kind: str, **more: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **more)
    return out.getvalue()


def heic() -> bytes:
    import pillow_heif

    pillow_heif.register_heif_opener()
    return saved(drawn(), "HEIF")


KINDS: dict[str, Callable[[], bytes]] = {
    "image/png": lambda: saved(drawn().convert("RGBA"), "PNG"),
    "image/webp": lambda: saved(drawn(), "WEBP"),
    "image/avif": lambda: saved(drawn(), "AVIF"),
    "image/tiff": lambda: saved(drawn(), "TIFF", save_all=True, append_images=[drawn()] * 3),
    "image/heic": heic,
    "application/pdf": lambda: saved(drawn(), "PDF", save_all=True, append_images=[drawn()] * 3),
}


@pytest.mark.parametrize("media_type", KINDS)
def test_what_telephones_and_scanners_make_is_taken_by_its_bytes(
    media_type: str, partnership: Partnership, iryna: Person
) -> None:
    data = KINDS[media_type]()

    file = files.keep(SimpleUploadedFile("x.exe", data), partnership=partnership, by=iryna)

    assert file.media_type == media_type
    assert file.page_count == (4 if media_type == "application/pdf" else 1)
    red = Image.open(io.BytesIO(shown_bytes(file))).convert("RGB").getpixel((20, 20))
    assert red[0] > 200  # type: ignore[index]
    assert red[1] < 80  # type: ignore[index]


def bomb() -> bytes:
    """A PNG of a few kilobytes that says it has 50,000 × 50,000 pixels."""
    import struct
    import zlib

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(1_000_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


HOSTILE = {
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', Unshown.KIND),
    "html as jpg": (b"<!doctype html><script>alert(1)</script>", Unshown.KIND),
    "gif and script": (b"GIF89a/*" + bytes(20) + b"*/=1;alert(1)", Unshown.KIND),
    "pixel flood": (bomb(), Unshown.PIXELS),
    "cut off": (jpeg(1200, 900)[:5000], Unshown.DAMAGED),
    "only a head": (b"\xff\xd8\xff\xe0", Unshown.DAMAGED),
    "no pdf": (b"%PDF-1.7\nnothing", Unshown.DAMAGED),
    "41 megapixels of png": (saved(Image.new("1", (8000, 5200)), "PNG"), Unshown.PIXELS),
    "a needle": (saved(Image.new("1", (10, 2000)), "PNG"), Unshown.PIXELS),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_what_cannot_be_shown_is_refused_and_nothing_of_it_is_kept(
    kind: str, partnership: Partnership, iryna: Person
) -> None:
    data, why = HOSTILE[kind]

    with pytest.raises(FileRefused) as refused:
        files.keep(photo(data, "holiday.jpg"), partnership=partnership, by=iryna)

    assert refused.value.why == why
    assert not StoredFile.objects.exists()
    with pytest.raises(BytesMissing):
        the_store().get(sha256(data).hexdigest())


def test_a_photo_that_is_also_a_zip_is_shown_as_pixels_alone(
    partnership: Partnership, iryna: Person
) -> None:
    out = io.BytesIO(jpeg())
    with zipfile.ZipFile(out, "a") as both:
        both.writestr("evil.html", "<script>alert('PLANTED')</script>")

    file = files.keep(photo(out.getvalue()), partnership=partnership, by=iryna)

    assert all(b"evil" not in the_store().get(one.sha256) for one in file.renditions.all())


def scan(change: Callable[[pikepdf.Pdf], None], **more: Any) -> bytes:
    """A scanned page as PDF, with something put into it."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(saved(drawn(), "PDF"))) as pdf:
        change(pdf)
        pdf.save(out, **more)
    return out.getvalue()


def _runs(pdf: pikepdf.Pdf) -> None:
    action = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert('PLANTED')")
    pdf.Root.OpenAction = pdf.make_indirect(action)


def _launches(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.Launch, F="PLANTED.exe")


def _carries(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["PLANTED.exe"] = b"MZ"


def _is_filled_in(pdf: pikepdf.Pdf) -> None:
    pdf.Root.AcroForm = pikepdf.Dictionary(
        XFA=pdf.make_stream(b"<PLANTED/>"), Fields=pikepdf.Array([])
    )


@pytest.mark.parametrize("change", [_runs, _launches, _carries, _is_filled_in])
def test_a_paper_that_can_act_is_shown_as_pictures_and_its_sender_is_told(
    change: Callable[[pikepdf.Pdf], None], partnership: Partnership, iryna: Person
) -> None:
    data = scan(change)

    file = files.keep(photo(data, "quote.pdf"), partnership=partnership, by=iryna)

    assert file.is_active
    assert "pictures of its pages only" in file_words.left_behind([file])
    assert all(b"PLANTED" not in the_store().get(one.sha256) for one in file.renditions.all())


def test_a_paper_that_is_locked_or_cut_off_is_refused(
    partnership: Partnership, iryna: Person
) -> None:
    locked = scan(lambda _pdf: None, encryption=pikepdf.Encryption(owner="o", user="u"))
    for data, why in ((locked, Unshown.LOCKED), (scan(_runs)[:300], Unshown.DAMAGED)):
        with pytest.raises(FileRefused) as refused:
            files.keep(photo(data, "act.pdf"), partnership=partnership, by=iryna)
        assert refused.value.why == why


def test_of_a_long_paper_the_first_pages_are_shown(partnership: Partnership, iryna: Person) -> None:
    pages = [Image.new("L", (300, 400), "white")] * 24
    long = saved(pages[0], "PDF", save_all=True, append_images=pages)

    file = files.keep(photo(long), partnership=partnership, by=iryna)

    assert file.page_count == 25
    assert file.renditions.filter(width_px=1600).count() == 20


def test_a_place_in_xmp_is_a_place_too(partnership: Partnership, iryna: Person) -> None:
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><e exif:GPSLatitude="48,44N"/></x:xmpmeta>'
    data = saved(drawn(), "WEBP", xmp=xmp)

    assert files.keep(photo(data), partnership=partnership, by=iryna).had_place


def test_nobody_sends_more_files_an_hour_than_a_person_does(
    partnership: Partnership, iryna: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "FILES_AN_HOUR_MAX", 2)
    for width in (100, 101):
        files.keep(photo(jpeg(width)), partnership=partnership, by=iryna)

    with pytest.raises(TooManyFiles):
        files.keep(photo(jpeg(102)), partnership=partnership, by=iryna)


def test_ten_thousand_frames_are_one(partnership: Partnership, iryna: Person) -> None:
    frames = [Image.new("L", (8, 8), n % 256) for n in range(300)]
    many = saved(frames[0], "PNG", save_all=True, append_images=frames[1:])

    file = files.keep(photo(many), partnership=partnership, by=iryna)

    assert (file.page_count, file.renditions.count()) == (1, 1)


def test_a_photo_of_fifty_megapixels_is_taken_if_it_is_jpeg(
    partnership: Partnership, iryna: Person
) -> None:
    data = saved(Image.new("RGB", (8160, 6144), "navy"), "JPEG", quality=30)

    file = files.keep(photo(data), partnership=partnership, by=iryna)

    assert sorted(file.renditions.values_list("width_px", flat=True)) == [480, 1600]


def test_the_database_lets_nobody_change_what_was_sent_in(
    partnership: Partnership, iryna: Person
) -> None:
    file = files.keep(photo(), partnership=partnership, by=iryna)

    for change in ({"sha256": "0" * 64}, {"name": "other"}, {"state": "refused"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            StoredFile.objects.filter(pk=file.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        file.renditions.update(sha256="0" * 64)


def test_what_was_never_used_is_swept_after_a_week_and_bytes_of_others_stay(
    partnership: Partnership, iryna: Person
) -> None:
    mine = files.keep(photo(), partnership=partnership, by=iryna)
    alone = files.keep(photo(jpeg(320, 200)), partnership=partnership, by=iryna)
    start = mine.uploaded_at

    assert files.sweep(start + timedelta(days=6)) == 0
    theirs = files.keep(photo(), partnership=partnership, by=clerk("oksana", partnership))
    assert files.sweep(alone.uploaded_at + timedelta(days=7, microseconds=1)) == 2

    assert StoredFile.objects.get() == theirs
    assert the_store().get(theirs.sha256) == jpeg()
    assert shown_bytes(theirs)
    with pytest.raises(BytesMissing):
        the_store().get(alone.sha256)


class PhotosForm(forms.Form):
    photos = FilesField(label="Photos", count_max=2)
    why = forms.CharField(label="Why")


def filled(person: Person, partnership: Partnership, data: dict[str, str],
           *chosen: SimpleUploadedFile) -> PhotosForm:  # fmt: skip
    form = PhotosForm(data, MultiValueDict({"photos": list(chosen)}))
    form.fields["photos"].of(partnership, person)  # type: ignore[attr-defined]
    return form


def test_a_form_that_comes_back_has_its_photos_and_nobody_sends_them_twice(
    partnership: Partnership, iryna: Person
) -> None:
    first = filled(iryna, partnership, {"why": ""}, photo(name="<b>lift.jpg"))
    assert not first.is_valid()
    page = str(first["photos"])
    file = StoredFile.objects.get()

    again = filled(iryna, partnership, {"why": "burnt", f"photos-{file.code}": "1"})

    assert f'name="photos-{file.code}"' in page
    assert "&lt;b&gt;lift.jpg" in page
    assert again.is_valid()
    assert again.cleaned_data["photos"] == [file]


def test_a_form_takes_no_file_of_somebody_else_and_says_what_it_refuses(
    partnership: Partnership, iryna: Person
) -> None:
    of_another = files.keep(photo(), partnership=partnership, by=clerk("oksana", partnership))
    stolen = filled(iryna, partnership, {"why": "x", f"photos-{of_another.code}": "1"})
    mixed = filled(iryna, partnership, {"why": "x"}, photo(), photo(b"<svg>", "plan.svg"))
    many = filled(iryna, partnership, {"why": "x"}, *[photo(jpeg(99 + n)) for n in range(3)])

    assert stolen.errors["photos"] == ["Choose at least one file."]
    assert mixed.errors["photos"] == [
        "“plan.svg” is no photo or scan that we can show. Send JPEG, PNG, HEIC, WebP, AVIF, TIFF "
        "or PDF."
    ]
    assert str(mixed["photos"]).count("checked") == 1
    assert many.errors["photos"] == ["At most 2 files."]


def test_the_hint_is_in_the_readers_language_and_one_file_is_one(partnership: Partnership) -> None:
    class ScanForm(forms.Form):
        scan = OneFileField(label="Scan")
        photos = FilesField(label="Photos")

    with override("uk"):
        form = ScanForm()
        assert "кожен до 32 МБ" in form.as_p()

    assert " multiple" not in str(form["scan"])
    assert " multiple" in str(form["photos"])
