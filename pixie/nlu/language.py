"""The language of a message: Thai by its script, others by their most frequent words and their letters."""

import re

_THAI = re.compile("[\u0e00-\u0e7f]")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")

# A word that two languages share stands in both, so that it decides nothing. OTHER holds words of languages in which
# there are no answers, above all French, Italian, Portuguese and Dutch.
OTHER = ""
_FREQUENT_WORDS = {
    "en": """
a about add all am an and any are at be been bin bought but buy by can can't could did didn't die do does doesn't don't
for forgot from get give go got ha had has hat have he he's her his how i i'm i've if in into is isn't it it's just keep
les let like list make man me mi more much my na need no nos not o of off oh on one only or our out please put remember
remind she she's should so some still sure take thank thanks that that's the their them then there there's these they
this those to today todo tomorrow too two up us want war was we we're were what what's when where which who why will with
without would ya yeah yes yesterday yo you your
""",
    "de": """
aber alle als am an auch auf aus bei beim bin bis bitte brauche brauchen da danke dann das dass dazu dein dem den denn
der die doch du ein eine einen einer eines er erst es euch etwas fehlt für ganz gekauft genug gibt gut hab habe haben
habt hat heute hier hol holen ich ihm ihn ihr im immer ins ist ja jeden jetzt kann kauf kaufen kein keine keinen mal man
mehr mein meine meinen mich mir mit morgen muss müssen nach nein nicht nichts noch nochmal nur ob oder ohne schon schreib
sich sie sind so soll sondern trag um und uns unser vom von vor wann war warum was weg weil wenn wer werden wie wieder
willst wir wird wo wurde zu zum zur über
""",
    "es": """
a acabo ahora al algo apunta apuntame aquí borra bueno buenos casa como compra compré con cuando cuánto cuanto de del
dos el ella en era es esa ese eso esta está este esto falta gracias ha hace hay hemos hoy la las le les lista lo los mamá
mañana más mas me mi mí mis muy na nada necesitamos necesito no nos o otra otro para pero pon ponle ponme por porque pues
que qué queda quita se sí si sin sobre son su sus también tambien te tengo tenemos tiene todo todos tres tu un una unas
uno unos va vale ya yo
""",
    OTHER: """
a abbiamo al as au aux avec avons besoin c'est ce cette che como con d'un da dans das de dei del della des di do dos du
com e een elle em en est está et faut gli het hij ho hoje i ik il ils in io j'ai je la lait las latte le les lo los ma mais me
meu mi mijn moi molto na não ne nel niet no non nos nous o och on os ou para pas per perché più plus por pour på quoi qu'est qu'il quanto
que qui sans se si son sono su sur te tu um uma un una van vi voor vous wij zijn à è é
""",
}
_WORDS = {language: frozenset(words.split()) for language, words in _FREQUENT_WORDS.items()}
_LETTERS = {"de": re.compile("[äöüß]"), "es": re.compile("[ñáíóú]")}
_SPANISH_MARKS = re.compile(r"[¿¡]|\w y \w")
_WORD_POINTS, _LETTER_POINTS = 2, 1  # one word with a foreign letter, such as “müsli”, decides nothing


def language_of(text: str, fallback: str) -> str:
    """Return the language of the text, “th”, “de”, “es” or “en”; `fallback` if nothing in it decides."""
    if _THAI.search(text):
        return "th"
    words = _WORD.findall(text.casefold().replace("’", "'"))
    points = {language: _WORD_POINTS * sum(word in frequent for word in words) for language, frequent in _WORDS.items()}
    for language, letters in _LETTERS.items():
        points[language] += _LETTER_POINTS * sum(letters.search(word) is not None for word in words)
    points["es"] += _WORD_POINTS * (_SPANISH_MARKS.search(text) is not None)
    foreign, most = points.pop(OTHER), max(points.values())
    winners = [language for language, count in points.items() if count == most]
    return winners[0] if len(winners) == 1 and most >= max(_WORD_POINTS, foreign) else fallback
