"""Résumés that are what they say, and files that are not."""

import io
import zipfile
import zlib

import pytest
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from banbury.errors import InputError
from banbury.people.resumes import LARGEST, read

WORD = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
    "{}</w:body></w:document>"
)


def pdf(text, password=""):
    writer = PdfWriter()
    page = writer.add_blank_page(300, 300)
    font = DictionaryObject({
        NameObject("/Type"): NameObject("/Font"), NameObject("/Subtype"): NameObject("/Type1"),
        NameObject("/BaseFont"): NameObject("/Helvetica"),
    })  # fmt: skip
    fonts = DictionaryObject({NameObject("/F1"): writer._add_object(font)})
    page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    stream = DecodedStreamObject()
    stream.set_data(b"BT /F1 12 Tf 20 200 Td (" + text.encode() + b") Tj ET")
    page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def docx(body, name="word/document.xml"):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as folder:
        folder.writestr("[Content_Types].xml", "<Types/>")
        folder.writestr(name, WORD.format(body))
    return out.getvalue()


def test_text_pdf_and_word_are_read():
    assert read("Ann Smith\n\n  carpenter,\u202e ten years ".encode()) == (
        "Ann Smith\ncarpenter, ten years"
    )
    assert read(pdf("Ann Smith, carpenter")) == "Ann Smith, carpenter"
    two = "<w:p><w:r><w:t>Ann</w:t></w:r></w:p><w:p><w:r><w:t>carpenter</w:t></w:r></w:p>"
    assert read(docx(two)) == "Ann\ncarpenter"


LAUGHS = "<!DOCTYPE x [<!ENTITY a 'ha'>" + "".join(
    f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"),
        (b"x" * (LARGEST + 1), "at most"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "no PDF"),
        (b"PK\x03\x04 broken", "no PDF"),
        (docx("<w:p/>", "other.xml"), "no PDF"),
        (pdf("secret", password="open"), "locked"),
        (b"%PDF-1.7\n" + b"garbage " * 1000, "damaged"),
        (docx(""), "no words"),
        (docx("<w:p><w:t>" + "a" * (40 << 20) + "</w:t></w:p>"), "unfolds"),
        (docx("</w:body><nothing"), "damaged"),
    ],
    ids=["nothing", "large", "picture", "zip", "other zip", "locked", "garbage", "blank",
         "zip bomb", "no XML"],
)  # fmt: skip
def test_everything_else_gets_one_clear_word(data, said):
    with pytest.raises(InputError, match=said) as told:
        read(data)
    assert "another file" in str(told.value)


def test_a_pdf_that_unfolds_without_end_and_entities_that_multiply_are_stopped():
    with pytest.raises(InputError):
        read(bomb())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as folder:
        folder.writestr("word/document.xml", f"{LAUGHS}]><w>&j;</w>")
    with pytest.raises(InputError):
        read(out.getvalue())


def bomb():
    """Return a PDF whose page unfolds to 128 megabytes, in layers of a few kilobytes."""
    data = zlib.compress(zlib.compress(b"0 " * (64 << 20), 9), 9)
    head = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    head += b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    head += b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>endobj\n"
    filters = b"/Filter[/FlateDecode/FlateDecode]/Length %d" % len(data)
    body = b"4 0 obj<<" + filters + b">>stream\n" + data + b"\nendstream endobj\n"
    at = len(head + body)
    return head + body + b"trailer<</Root 1 0 R/Size 5>>\nstartxref\n%d\n%%%%EOF" % at
