"""Comments that are no spam, written for these tests: plain, rude, and in other languages.

Rude is not spam and foreign is not spam: what is said of these is compared with the plain ones.
"""

PLAIN = (
    "I tried this with rye flour and it came out rather dense, but the taste was lovely.",
    "Thank you for the careful explanation. I had never understood why the dough must rest.",
    "The second photograph seems to show a different oven from the one you describe.",
    "My grandmother did it the other way round and nobody ever complained.",
    "There is a small mistake in the third paragraph: it should read left, not right.",
    "I disagree with the conclusion, although the first half convinced me.",
    "Does anybody know whether this works at high altitude?",
    "We visited the museum last spring and the room you mention was closed.",
    "The book by Harris covers the same ground and is still in print.",
    "I read this twice. The part about the harbour is the best thing you have written.",
    "That is not how I remember it. The bridge was built after the war.",
    "Good point about the numbers, I had not thought of comparing them by year.",
    "Has the bug with the calendar been fixed in the meantime? I still see it.",
    "I will try it at the weekend and tell you how it went.",
    "What a sad story. I hope the family found some peace afterwards.",
    "The recording is very quiet, I could hardly hear the second speaker.",
    "Could you say a little more about how you chose the colours?",
    "This reminds me of a winter in Norway, when the lake froze for four months.",
    "I have to say that the old layout was easier to read on a small screen.",
    "Yes, exactly that. And it was never reported in the papers at the time.",
)

RUDE = (
    "What a load of rubbish. Did you even read the book?",
    "You are an idiot and your bread is terrible.",
    "Honestly, this is the dumbest thing I have read all year.",
    "Shut up, nobody asked for your opinion.",
    "That is bullshit and you know it.",
    "Boring. Boring. Boring. I want my ten minutes back.",
    "Who let this clown write about history?",
    "Damn, you really have no clue what you are talking about.",
    "Your argument is crap, and so is your spelling.",
    "WHY ARE YOU STILL WRITING THIS GARBAGE???",
    "I hate this so much. Worst article ever.",
    "Go back to school, you pompous fool.",
    "The author is a liar and a coward.",
    "Ugh, what a pathetic whiny piece of nonsense!!!",
    "Only a complete moron could believe that.",
    "Screw this, I am done with this stupid site.",
    "You ugly old windbag, learn to count first.",
    "lol you suck at this, seriously",
    "Bloody hell, not this tedious fool again.",
    "This photo is hideous and your dog is ugly too.",
)

FOREIGN = {
    "German": (
        "Vielen Dank für den schönen Beitrag, ich habe das Rezept gestern ausprobiert.",
        "Das stimmt so nicht: die Brücke wurde erst nach dem Krieg gebaut.",
        "Weiß jemand, ob das auch mit Dinkelmehl gelingt?",
        "Den letzten Absatz habe ich nicht verstanden. Was ist damit gemeint?",
    ),
    "French": (
        "Merci beaucoup pour cet article, je ne connaissais pas cette histoire.",
        "Je ne suis pas d'accord avec la conclusion, mais c'est bien écrit.",
        "Est-ce que quelqu'un a essayé avec de la farine de seigle ?",
        "La deuxième photo ne montre pas le même four, il me semble.",
    ),
    "Spanish": (
        "Muchas gracias por la explicación, por fin lo he entendido.",
        "No estoy de acuerdo con lo que dice el autor sobre la guerra.",
        "¿Alguien sabe si esto funciona también en altura?",
        "Mi abuela lo hacía de otra manera y salía muy rico.",
    ),
    "Portuguese": (
        "Obrigado pelo texto, fiquei com vontade de visitar a cidade.",
        "Acho que há um erro no terceiro parágrafo.",
        "A minha avó fazia o pão exatamente assim.",
    ),
    "Italian": (
        "Bellissimo articolo, complimenti. Non sapevo nulla di questa storia.",
        "Secondo me la seconda fotografia è di un altro forno.",
        "Qualcuno ha provato con la farina di farro?",
    ),
    "Polish": (
        "Bardzo dziękuję za ten tekst, czekałem na niego od dawna.",
        "Nie zgadzam się z autorem, most zbudowano dopiero po wojnie.",
        "Czy ktoś próbował z mąką żytnią?",
    ),
    "Turkish": (
        "Bu yazı için çok teşekkür ederim, gerçekten çok şey öğrendim.",
        "Üçüncü paragrafta küçük bir yanlış var sanırım.",
        "Büyükannem ekmeği hep böyle yapardı.",
    ),
    "Russian": (
        "Спасибо за статью, очень интересно было прочитать.",
        "Не согласен с автором: мост построили уже после войны.",
        "Кто-нибудь пробовал с ржаной мукой?",
        "Моя бабушка пекла хлеб совсем иначе.",
    ),
    "Greek": (
        "Ευχαριστώ πολύ για το άρθρο, ήταν πολύ ενδιαφέρον.",
        "Δεν συμφωνώ με το συμπέρασμα, αλλά είναι καλογραμμένο.",
    ),
    "Arabic": (
        "شكرا جزيلا على هذا المقال، لقد استفدت منه كثيرا.",
        "لا أتفق مع الكاتب في هذه النقطة.",
        "هل جرب أحدكم هذه الوصفة مع دقيق الشعير؟",
    ),
    "Hebrew": (
        "תודה רבה על הכתבה, לא הכרתי את הסיפור הזה.",
        "לדעתי יש טעות קטנה בפסקה השלישית.",
    ),
    "Hindi": (
        "इस लेख के लिए बहुत धन्यवाद, मुझे बहुत कुछ सीखने को मिला।",
        "मेरी दादी भी रोटी ऐसे ही बनाती थीं।",
    ),
    "Chinese": (
        "谢谢你的文章，我学到了很多东西。",
        "我不同意作者的结论，不过写得很好。",
        "有人用黑麦面粉试过吗？",
    ),
    "Japanese": (
        "とても面白い記事でした。ありがとうございます。",
        "三段落目に小さな間違いがあると思います。",
        "祖母も同じようにパンを焼いていました。",
    ),
    "Korean": (
        "좋은 글 감사합니다. 많이 배웠습니다.",
        "저는 글쓴이의 결론에 동의하지 않습니다.",
    ),
}
