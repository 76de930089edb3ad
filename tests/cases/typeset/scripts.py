"""A name and a comment in each script, and how they come back from a PDF."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import unicodedata

import pytest

SCRIPTS = {
    "Latin": ("Zoë Łukasiewicz-Ðorđević, Ngô Thị Ánh", "Fièvre à 38 °C, “pâleur” – ß, ş, ğ, ẹ̀"),
    "Greek": ("Ελένη Παπαδοπούλου", "Πυρετός και ωχρότητα"),
    "Cyrillic": ("Анна Ёлкина", "Лихорадка и бледность, їжак"),
    "Arabic": ("أمينة حسن محمد", "ابيضاض الدم الحاد مشتبه به"),
    "Persian": ("زهرا کریمی‌پور", "می‌خواهم فلوسیتومتری انجام شود"),
    "Urdu": ("محمد علی ٹھیک", "خون کا ٹیسٹ کریں"),
    "Hebrew": ("משה כהן", "חשד ללוקמיה חריפה"),
    "Hindi": ("कुमार श्रीवास्तव", "रक्त की जाँच करें, क्षय ज्ञात नहीं"),
    "Bangla": ("কমল চট্টোপাধ্যায়", "রক্তের শ্রেণী পরীক্ষা করুন"),
    "Punjabi": ("ਗੁਰਪ੍ਰੀਤ ਸਿੰਘ", "ਖੂਨ ਦੀ ਜਾਂਚ"),
    "Gujarati": ("કમલ પટેલ", "રક્ત પરીક્ષણ ક્ષય"),
    "Odia": ("କମଳ ସାହୁ", "ରକ୍ତ ପରୀକ୍ଷା"),
    "Tamil": ("கமலா சுப்பிரமணியன்", "இரத்தப் புற்றுநோய் கொண்ட"),
    "Telugu": ("వెంకట రామయ్య", "రక్త పరీక్ష క్షీణత"),
    "Kannada": ("ಕಮಲ ಕ್ಷೇತ್ರಪಾಲ", "ರಕ್ತ ಪರೀಕ್ಷೆ"),
    "Malayalam": ("കമല ശ്രീധരൻ", "രക്ത പരിശോധന ക്ഷയം"),
    "Sinhala": ("ශ්‍රීමා පෙරේරා", "රුධිර පරීක්ෂණය"),
    "Thai": ("สมชาย ใจดี", "ตรวจนับเม็ดเลือดที่น้ำ"),
    "Lao": ("ສົມຈິດ ດວງດີ", "ກວດເລືອດ"),
    "Khmer": ("សុខា ចាន់", "ត្រូវពិនិត្យឈាម"),
    "Burmese": ("မောင်မောင်ကြီး", "သွေးကင်ဆာ စစ်ဆေးပါ"),
    "Amharic": ("አበበ በቂላ", "የደም ካንሰር ምርመራ ያስፈልጋል።"),
    "Georgian": ("გიორგი მამარდაშვილი", "სისხლის ანალიზი"),
    "Armenian": ("Արամ Խաչատրյան", "Արյան քննություն"),
    "Chinese": ("王小明", "疑为急性淋巴细胞白血病，请做流式细胞术。"),
    "Traditional Chinese": ("陳大文", "懷疑急性淋巴性白血病"),
    "Japanese": ("山田花子", "フローサイトメトリーをお願いします。"),
    "Korean": ("김철수", "급성 림프모구 백혈병 의심"),
    "Tifinagh": ("ⵜⵉⴼⵉⵏⴰⵖ", "ⵉⴷⵎ"),
}
FROM_THE_RIGHT = frozenset({"Arabic", "Persian", "Urdu", "Hebrew"})
_STEERING = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def as_typed(text: str) -> str:
    """Composed, with single spaces, without what a reader adds to steer the direction."""
    return " ".join(unicodedata.normalize("NFC", _STEERING.sub("", text)).split())


def pdf_text(content: bytes) -> str:
    """What poppler's pdftotext, on which desktop readers build, finds in a PDF."""
    if not shutil.which("pdftotext"):
        pytest.skip("no pdftotext (Debian's package poppler-utils)")
    made = subprocess.run(["pdftotext", "-", "-"], input=content, capture_output=True, check=True)
    return as_typed(made.stdout.decode())


def pages_of(content: bytes) -> str:
    """What pypdf finds; it knows no script that runs from the right."""
    from pypdf import PdfReader

    pages = PdfReader(io.BytesIO(content)).pages
    return as_typed(" ".join(page.extract_text() for page in pages))
