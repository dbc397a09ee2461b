"""Splitting of messages into sentences and clauses, without agent names and politeness."""

import re

from pantry.patterns import ANY_BLANKS, BLANKS, pattern
from pixie.nlu.vocabulary import Vocabulary

MAX_LENGTH = 4000  # as long as a message

_POLITE = pattern(
    r"^(?:(?:hey|hi|ok|okay|yo|oh|so|um|uh|well|please|pls|plz|kindly|also|and|then|just|now|yes|yep|yeah|yup|sure|alright|right|"
    r"quickly|google|alexa|siri|cortana|but|hmm|ah|actually|dear|oops|sorry|no(?=,)|btw|fyi|guys|everyone|again|maybe|perhaps|shit|damn|lol|omg|olly|"
    r"next|finally|first|after that|great|cool|perfect|thanks|thank you|ty|thx)\b[,!.:]*\s+(?=\S))"
)
_ACTION = (
    r"(?:add|put|buy|get|grab|pick|order|purchase|include|insert|write|note|remove|delete|take|cross|erase|mark|tick|check|throw|"
    r"stick|bring|restock|remind|set|schedule|create|make|change|adjust|increase|reduce|show|tell|read|list|drop|cancel|have|place|jot|enter|give|plan|book|arrange|hook up|organi[sz]e|invite|send|update|notify|let me know|check|look|go|pull|find|open|review|display|view|repeat|recite|describe|run|walk)"
)
_REQUEST = pattern(
    rf"^(?:(?:(?:can|could|would|will)(?:n'?t)? (?:you|u|ya|someone|somebody|anyone|one of you|pixie)|(?:can|could) (?:i|we))"
    rf"(?: (?:please|pls|plz|kindly|just|also|maybe|possibly|be able to|help me|go ahead and))* (?=(?:{_ACTION})\b)"
    rf"|(?:i|we)(?:'d| would|'ll| will)? ?(?:like|love|want|need|wish)?(?: for)? you to (?:please )?"
    rf"|(?:i|we)(?:'d| would)? ?(?:really )?(?:like|love|want|need|have|wanna|gotta|got|ought|wish)? ?(?:to )?"
    rf"(?=(?:add|put|include|remove|delete|cross|schedule|create|erase|make a|set (?:a|up))\b)"
    rf"|(?:make|be) (?:sure|certain) (?:to |that |you |we )*"
    rf"|do me a favou?r and |see if you can (?=(?:{_ACTION})\b)|is it possible (?:for (?:you|me|us) )?to |is there (?:a|any) way (?:you can|to) |may i suggest (?:that )?we "
    rf"|(?:go ahead and|go on and|let'?s|let us|don'?t forget to|dont forget to|remember to|do not forget to|feel free to) "
    rf"|don'?t forget (?=(?:the|milk|eggs)\b)|would you mind |(?:i|we|you|someone|somebody|everyone) (?:really )?"
    rf"(?:should|must|gotta|have to|has to|ought to|better|had better|can|could|needs? to|will)(?: also| please| just)? (?=(?:{_ACTION})\b)"
    rf"|(?:it would be (?:great|nice) if you could|i was wondering if you could|help me|try to|whoever [\w ]{{1,25}}?) (?=(?:{_ACTION})\b)"
    rf"|(?:if|when|once|while|after) (?:you|u|anyone|someone|anybody)(?:'re| are| r)?[^,]{{0,40}}?,? (?:please |pls |can you )?"
    rf"(?=(?:buy|get|grab|pick up|bring|add)\b)"
    rf"|(?:tonight|today|tomorrow|this week|for (?:dinner|lunch|breakfast|tonight|tomorrow|the party|the weekend))[, ]+(?=(?:we|i|need|get|buy|add|please)\b)"
    rf"|(?:i think|i guess|i believe|not sure (?:but|if)|i'?m not sure (?:but|if)|looks like|it seems|seems like)(?: that)? (?=(?:we|i)\b)"
    rf"|(?:on|at|from|in) (?:the|your|my|ur) [\w -]{{1,25}}? (?:please |pls )?(?=(?:buy|get|grab|pick up|bring)\b))"
)
# Polite prefixes of a question.
_ASKING = pattern(
    r"^(?:(?:i|we)(?:'d| would)? ?(?:really )?(?:(?:like|want|need|love|wish) to|wanna|gotta) (?:know|hear|see|find out|learn|check)|i wonder|"
    r"i'?m (?:wondering|curious)(?: about)?|(?:can|could|would|will) (?:you|u) (?:please )?(?:tell|inform|remind|let|check|show|find out|see)"
    r"(?: (?:me|us|for me))?(?: know)?|(?:please )?(?:tell|inform|show|let) (?:me|us)(?: know)?(?: about)?|do you know|any idea|check|see|find out)"
    r" (?=(?:what|whats|when|where|which|who|how|if|whether|is|are|do|did)\b)"
)
_EMOTICON = pattern(r"(?:^|\s)[:;=8xX]['-]?[()DPpOo/|\\]+(?=\s|$)|<3")
_CORRECTIONS = (
    (pattern(r"^((?:add|buy|get|need|pick up|remove|got|bought)(?: for [\w ]{2,12})?)\s*:\s+"), r"\1 "),
    (_ASKING, ""),
    (pattern(r"^were (?=(?:all |almost |nearly )?(?:out of|low on|running))"), "we're "),
    (pattern(r"^(?:(add|buy|pick)|(get|put|grab)[tb])ing\b"), r"\1\2"),
    (pattern(r"^(remov|tak|delet|writ)ing\b"), r"\1e"),
)
_SENTENCE = pattern(
    r"(?<=[.!?…])[\s\"']++(?!(?:and |but )?(?:if (?:not|it|they|so)|otherwise)\b)|(?<![\s;])[^\S\n\r]*+[\n\r;][\s;]*+|(?<=\w)\s++[-–—]\s++(?=[a-z])|\?(?=\w)"
)
_MERIDIEM = pattern(r"\b([ap])\.\s?m\.?(?=\W|$)")
_TITLES = pattern(
    r"(?<![^\W\d])(mr|mrs|ms|dr|approx|etc|st|no|vs)\.(?=\s)",
    r"(?<=\d)(\s?(?:lbs?|oz|tbsp|tsp|kgs?|gr?|gm|mg|ml|l|ltr|cl|dl|pcs?|pkt?|pkg|qt|pt|gal|doz|btl|fl|c|t))\.(?=\s(?-i:[a-z]))",
)
_STARTS = (
    r"(?:please |pls |plz |can you |could you |will you |would you |go ahead and |i |we |still |also |already |don'?t |then |just |"
    r"i'?m |we'?re |we'?ve |i'?ve |someone |do |not ){0,6}"
    r"(?:add|put|remove|delete|take|cross|buy|get|got|gets|bought|need|needs|grab|grabbed|pick up|picked up|drop|scratch|erase|"
    r"out of|low on|running (?:low|out)|ran out|forget|skip|change|make (?:it|that) \d|undo|what(?:'?s| is| else)|remind me|order|show|what do|what are|do we|need anything|want anything|anything)\b"
)
_CLAUSE = pattern(
    rf"(?:{BLANKS}(?:[,;]\s++)?|[,;]\s++)(?:(?:and then|and|then|but|also|plus|so)\s++(?={_STARTS})|but\s++)"
    rf"|{ANY_BLANKS}(?:,\s*+|:\s++)(?={_STARTS})"
)


def strip_agent_names(text: str, vocabulary: Vocabulary) -> str:
    """Remove agent names at both ends ("hey Pixie, …", "@chef and @pixie …", "… pixie")."""
    if not vocabulary.agents:
        return text.strip()
    name = "|".join(re.escape(agent) for agent in sorted(vocabulary.agents, key=len, reverse=True))
    names = rf"@?(?:{name})(?:(?:\s*+[,&]\s*+|\s++and\s++|\s++)@?(?:{name})){{0,5}}"
    text = re.sub(rf"^(?:(?:hey|hi|hello|ok|okay|yo|dear)[\s,]+)?{names}(?!\w)[\s,:!.\-–]*(?=\S)", "", text, flags=re.I)
    return re.sub(rf"(?<![\s,])[\s,]++{names}\s*+([.!?]*)$", r"\1", text, flags=re.I).strip()


def simplify(clause: str, vocabulary: Vocabulary) -> str:
    """Reduce a clause to its statement or command: "could you please add eggs" becomes "add eggs"."""
    clause = _EMOTICON.sub(" ", clause).strip(" ,;:-–.…")
    for _ in range(6):
        stripped = _REQUEST.sub("", _POLITE.sub("", clause)).strip(" ,;:")
        if stripped == clause or not stripped:
            break
        clause = stripped
    for form, replacement in _CORRECTIONS:
        clause = form.sub(replacement, clause)
    for member in vocabulary.members:
        if clause.casefold().startswith(f"{member.casefold()} "):
            return "we" + clause[len(member) :]
    return clause


def sentences(text: str) -> list[str]:
    """Split text into sentences, keeping question marks."""
    text = _TITLES.sub(lambda match: match[0][:-1], _MERIDIEM.sub(r"\1m", text))
    return [sentence.strip() for sentence in _SENTENCE.split(text) if sentence and sentence.strip(" .!,")]


def clauses(sentence: str) -> list[str]:
    """Split a sentence into clauses with a verb each: "got the eggs and add milk"."""
    return [clause for clause in _CLAUSE.split(sentence) if clause and clause.strip()]
