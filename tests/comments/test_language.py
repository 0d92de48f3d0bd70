"""Which language a text is in: real English, and a sentence of every language that is known."""

import csv
import html
import json

import pytest

from comments.language import LANGUAGES, language_of

pytestmark = pytest.mark.once

SENTENCES = {
    "ar": "ذهبت أمس إلى السوق واشتريت الخبز والفاكهة لأسرتي.",
    "bg": "Тази сутрин купих хляб и мляко от магазина на ъгъла.",
    "bn": "আমি আজ সকালে বাজারে গিয়ে রুটি আর দুধ কিনেছি।",
    "cs": "Myslím, že je to dobrý nápad, ale už jsem to jednou zkusil a nebylo to tak snadné.",
    "da": "Jeg har læst det hele, og det er ikke så dårligt, som du sagde.",
    "de": "Ich habe den Text gelesen und finde, dass er nicht so schlecht ist.",
    "el": "Σήμερα το πρωί αγόρασα ψωμί και γάλα από το μαγαζί.",
    "en": "I have read the whole text and think that it is not as bad as you said.",
    "es": "He leído todo el texto y creo que no es tan malo como decías, pero es muy largo.",
    "fa": "من امروز صبح نان و پنیر از مغازه خریدم و چای خوردم.",
    "fi": "Olen lukenut sen, ja minä luulen että se ei ole niin huono kuin sinä sanoit.",
    "fr": "Je trouve que le texte est très bon, mais il ne dit pas tout ce que nous savons.",
    "he": "הבוקר קניתי לחם וחלב בחנות שליד הבית שלי.",
    "hi": "मैंने आज सुबह दुकान से रोटी और दूध खरीदा।",
    "hu": "Azt hiszem, hogy ez nem olyan rossz, mint ahogy az előbb mondtad, de már késő van.",
    "id": "Saya sudah membaca ini dan tidak ada yang salah dengan teks itu.",
    "it": "Ho letto tutto il testo e non è così male come dicevi, anche se è molto lungo.",
    "ja": "今朝、近くの店でパンと牛乳を買いました。",
    "ka": "დღეს დილით მაღაზიაში პური და რძე ვიყიდე.",
    "ko": "오늘 아침에 가게에서 빵과 우유를 샀습니다.",
    "nl": "Ik heb het hele stuk gelezen en vind dat het niet zo slecht is als je zegt.",
    "pl": "Nie wiem, czy to jest dobry pomysł, ale już tak było i nie da się tego zmienić.",
    "pt": "Eu não sei se isso é uma boa ideia, mas você também já foi lá e ele não.",
    "ro": "Am citit tot textul și cred că nu este atât de rău, dar sunt multe de spus despre el.",
    "ru": "Сегодня утром мы купили хлеб и молоко в магазине, это было вкусно.",
    "sv": "Jag har läst allt och det är inte så dåligt som du sade, men det var långt.",
    "ta": "இன்று காலை நான் கடையில் ரொட்டியும் பாலும் வாங்கினேன்.",
    "th": "เช้านี้ฉันซื้อขนมปังและนมจากร้านค้าใกล้บ้าน",
    "tr": "Bu metni okudum ve bence o kadar kötü değil, ama daha iyi olabilir.",
    "uk": "Сьогодні вранці я купив хліб і молоко в крамниці, це було смачно, її їжа.",
    "vi": "Tôi đã đọc bài này và nó không tệ như bạn nói, nhưng rất dài.",
    "zh": "今天早上我在商店里买了面包和牛奶。",
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_of_each_language_is_of_that_language(language):
    assert language_of(SENTENCES[language]) == language


def stackexchange(folder):
    path = folder / "stackexchange-ham" / "history-meta-comments-first60.jsonl"
    return [json.loads(line)["text"] for line in path.open(encoding="utf-8")]


def sms(folder):
    rows = (folder / "sms-spam" / "SMSSpamCollection").read_text("utf-8").splitlines()
    return [text for label, _tab, text in (row.partition("\t") for row in rows) if label == "ham"]


def youtube(folder):
    texts = []
    for path in sorted((folder / "youtube-spam").glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines)
            texts += [html.unescape(row["CONTENT"]) for row in rows if row["CLASS"] == "0"]
    return texts


def test_real_english_of_some_length_is_english(shared_data):
    texts = [text for text in stackexchange(shared_data) if len(text) > 40]
    assert len(texts) > 2_500
    told = [language_of(text) for text in texts]
    assert told.count("en") / len(told) > 0.95


@pytest.mark.parametrize("texts_of", [stackexchange, sms, youtube])
def test_real_english_is_hardly_ever_taken_for_another_language(shared_data, texts_of):
    told = [language_of(text) for text in texts_of(shared_data) if len(text) > 40]
    assert sum(language not in ("", "en") for language in told) / len(told) < 0.02


@pytest.mark.parametrize(
    "text", ["", "ok", "12345 67890", "https://example.org/", "🙂🙂🙂", "Da!", "\x00" * 50]
)  # fmt: skip
def test_a_text_that_says_nothing_of_its_language_has_none(text):
    assert language_of(text) == ""


def test_the_code_of_every_language_is_offered_once():
    assert sorted(set(LANGUAGES)) == LANGUAGES
    assert set(SENTENCES) == set(LANGUAGES)
    assert all(len(code) == 2 for code in LANGUAGES)


def test_no_hostile_text_breaks_it(shared_data):
    naughty = json.loads((shared_data / "naughty-strings" / "blns.json").read_text("utf-8"))
    assert {language_of(text) for text in naughty} <= {"", *LANGUAGES}
