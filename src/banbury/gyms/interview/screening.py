"""What of an answer speaks to its grader rather than to the question.

A grader that is a model may follow what it reads. So sentences that address a grader, forge a
verdict or a role, or hide in what no person would write, are taken out before a model reads the
answer: with them and without them, it is shown the same. Whatever was taken out is a signal for a
person, and no verdict. Wording that no pattern knows still reaches the model, which is told that
it reads data; so where a grade matters, a person looks.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

LONGEST = 20_000

_WHO = (
    r"(?:grader|grading|examiner|evaluator|assessor|judge|rubric|criteri(?:on|a)|language model|"
    r"ai model|\bai\b|\bllm\b|chatgpt|system prompt|scorer|auto-?grader|chat ?bot)"
)
_ORDER = (
    r"(?:ignore|disregard|forget|override|overrule|bypass|cancel|neglect|pay no attention|"
    r"(?:do not|don'?t) (?:follow|apply|use|read|grade|evaluate|consider))"
)
_RULES = (
    r"(?:instruction|rubric|prompt|criteri|guideline|directive|grading|"
    r"everything (?:above|before)|all (?:of )?(?:the )?(?:above|previous|prior)|"
    r"(?:rule|text|task|question)s? (?:above|before)|"
    r"(?:previous|prior|earlier|above|preceding) (?:rules?|text|task|context))"
)
_GRADE = (
    r"(?:full (?:marks?|credit|points?|score)|top (?:marks?|score)|perfect score|10 ?/ ?10|"
    r"max(?:imum)? (?:marks?|score|points?)|highest (?:mark|score|grade)|"
    r"\bscored?\W{0,4}(?:of |is |to |as |= ?|: ?)?(?:1(?:\.0+)?|10|100)\b|"
    r"\bgraded?\W{0,3}(?:is |as |= ?|: )\W?(?:a\+?\b|pass|correct|yes|1\.0)|"
    r"(?:meets?|satisf(?:y|ies)|fulfil+s?|pass(?:es)?) (?:all|every|each)(?: of the| the)? "
    r"(?:criteri|requirement|rubric)|"
    r"(?:all|every|each) (?:the )?(?:criteri\w+|requirements?)\W+"
    r"(?:is|are|has been|have been|was|were) (?:met|satisfied|fulfilled|passed))"
)
_SAY = (
    r"(?:^|please|must|should|just|only|simply|always|now|to|then|and)\W*"
    r"(?:say|reply|respond|answer|output|print|return|write|emit|vote|conclude)"
    r"(?: back)?(?: to (?:the|this|that|every|all|each|any) [\w ]{0,30})?"
    r"(?: only| just| simply| always| exactly| with| the word| a| one word)*\W{0,4}"
    r"(?:yes|true|met|pass(?:ed)?|correct)\W{0,3}"
    r"(?:$|[.!;]|(?:to|for) (?:the|this|that|every|all|each)|regardless|whatever|no matter)"
)
_OTHER = (
    r"(?:ignorier\w*|vergiss|missachte|bewerte|ignorez|ignore[rz]? (?:les|las|los|tout)|oubliez|"
    r"olvida|ignora(?:re|te)? (?:las|los|le|tutt)|dimentica|attribuez|otorga|asigna|"
    r"忽略|无视|忘记|满分|無視|満点|игнорируй\w*|забудь\w*|поставь\w*|تجاهل|무시)"
)
_ROLE = (
    r"(?:^\W*(?:system|assistant|user|developer|human|grader|examiner|judge|tool)\s*"
    r"(?:\]|>|:|message)|"
    r"<\|?/?(?:im_start|im_end|system|assistant|user|endoftext|eot_id|start_header_id|"
    r"end_header_id|inst|grader|verdict|criterion|answer|task|data)\b[^>]{0,40}>?|"
    r"\[/?(?:inst|system|assistant)\]|<<\s*/?sys|={6,}|"
    r"-{3,}\s*(?:begin|end|system|new|answer|task)|"
    r"#{2,}\s*(?:system|instruction|response|assistant|grader|verdict|criterion|task|answer)|"
    r"begin (?:system|admin|new) |end of (?:the )?(?:answer|data|submission|task|student)|"
    r"(?:answer|data|submission) ends here|^\W*(?:criterion|the answer|the task)\s*:|"
    r"(?:with )?one word,? yes or no)"
)
_VERDICT = (
    r"(?:[\"'](?:met|score|grade|verdict|passed|result|correct|yes)[\"']\s*[:=]\s*[\"']?"
    r"(?:true|yes|1(?:\.0+)?\b|10\b|100\b|pass|met|full|correct)|"
    r"\b(?:verdict|final grade|criterion(?: \w+)?)\b\W{0,4}(?:yes|met|pass))"
)
_PART = (
    r"(?:(?:developer|debug|admin|maintenance|test|god|jailbreak|dan) mode|"
    r"you are (?:now|no longer) (?:an?|the|in|my|free|bound)\b|"
    r"from now on,? (?:you|every answer|all answers)|pretend (?:that )?(?:you|this|the answer)|"
    r"role-?play|new (?:instruction|system (?:prompt|message)|grading)|"
    r"as an (?:ai|administrator|admin)\b|this is (?:the system|the developer|the administrator)|"
    r"i am (?:the|your) (?:developer|administrator|creator|examiner)|"
    r"(?:base64|rot13|decode (?:this|the following))|"
    r"(?:your|the) (?:true|real|actual|hidden) (?:task|goal|purpose|instruction)|"
    r"(?:note to|attention|dear)\W+(?:the )?(?:model|ai|grader|llm|judge|evaluator|examiner)\b)"
)
_GIVE = (
    r"(?:(?:give|award|grant|assign|mark|grade|rate|score|accept|approve|treat|count|consider|"
    r"deem|judge)\b[^.!?\n]{0,60}\b(?:correct|pass(?:ed|ing)?|yes|met|full|max\w*|highest|"
    r"perfect|excellent|points?|right)\b)"
)
_ASKS = (
    rf"{_WHO}[^.!?\n]{{0,80}}{_GIVE}|{_GIVE}[^.!?\n]{{0,60}}{_WHO}|"
    r"(?:give|award|grant|assign)(?: me| this| it| my answer| them| the answer)"
    r"[^.!?\n]{0,40}(?:marks?|points?|full credit|score|grade)|"
    r"mark (?:this|it|me|my answer|the answer|everything|all)"
    r"[^.!?\n]{0,30}(?:correct|right|pass|met|yes|true)|"
    r"(?:please|kindly|must|should|will|shall|now|do not|don'?t)\W*"
    r"(?:mark|grade|rate|score) (?:this|it|me|my)\b|"
    r"(?:treat|count|accept|consider|regard) (?:it|this|that|my answer|the answer|everything) as "
    r"(?:an? )?(?:pass|correct|right|met|yes|complete)|"
    r"\byou(?: \w+)? (?:grade|mark|score|rate|confirm)\b[^.!?\n]{0,40}\b(?:correct|pass|yes|full)"
)
_SPEAKS = (
    r"(?:to|for|hey|hello|hi|listen|attention|note|important)\W+"
    rf"(?:the |any |every |all |whoever |my )?(?:automated |automatic )?{_WHO}\W*[:,!]|"
    rf"\b(?:you|your|you'?re)\b[^.!?\n]{{0,40}}\b{_WHO}|"
    rf"{_WHO}[^.!?\n]{{0,20}}\b(?:you|your|must|shall)\b"
)
_PATTERNS = {
    "orders the grader": rf"{_ORDER}[^.!?\n]{{0,60}}{_RULES}|"
    rf"{_RULES}[^.!?\n]{{0,40}}\b(?:no longer|do not|don'?t) appl",
    "claims a grade": _GRADE,
    "tells what to reply": _SAY,
    "gives an order in another language": _OTHER,
    "forges a role or the end of the answer": _ROLE,
    "forges a verdict": _VERDICT,
    "changes the grader's part": _PART,
    "asks for a grade": _ASKS,
    "speaks to the grader": _SPEAKS,
}
_FOUND = {n: re.compile(p, re.IGNORECASE | re.MULTILINE) for n, p in _PATTERNS.items()}
_ENCODED = re.compile(r"[A-Za-z0-9+/]{40,}={0,2}|(?:\\x[0-9a-f]{2}){8,}|(?:%[0-9A-F]{2}){8,}")
_COMMENT = re.compile(r"<!--.*?(?:-->|$)", re.DOTALL)
_PIECES = re.compile(r"[^.!?\n]*(?:[.!?]+(?=\s|$)|\n|$|[.!?])")
_LOOKALIKE = str.maketrans(
    "аеорсухіјѕԁԛԝοαΑΒΕΗΙΚΜΝΟΡΤΧАВЕКМНОРСТХІЅ", "aeopcyxijsdqwoaABEHIKMNOPTXABEKMHOPCTXIS"
)
_LEET = {"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "7": "t", "@": "a", "$": "s"}


class Screened(NamedTuple):
    """An answer as a model may see it.

    Attributes:
        text: without what speaks to the grader.
        signals: what was found, by name; for a person, and no verdict.
    """

    text: str
    signals: tuple[str, ...]


def screened(text: str) -> Screened:
    """Return an answer without the sentences that speak to its grader.

    Takes time linear in the length; of longer answers, the first 20,000 characters are read.
    """
    signals: dict[str, None] = {}
    shown = text[:LONGEST]
    if len(text) > LONGEST:
        signals["longer than anybody would write"] = None
    plain = "".join(c for c in shown if c in "\n\t" or unicodedata.category(c)[0] != "C")
    if plain != shown.replace("\r", ""):
        signals["invisible characters"] = None
    if _ENCODED.search(plain):
        signals["encoded text"] = None
        plain = _ENCODED.sub(" ", plain)
    if "<!--" in plain:
        signals["hidden comment"] = None
        plain = _COMMENT.sub(" ", plain)
    kept = []
    for match in _PIECES.finditer(plain):
        piece = match[0]
        found = _names(unicodedata.normalize("NFKC", piece))
        signals.update(dict.fromkeys(found))
        if not found:
            kept.append(piece)
    return Screened(re.sub(r"[ \t]+\n", "\n", "".join(kept)).strip(), tuple(signals))


def _names(piece: str) -> list[str]:
    if not piece.strip():
        return []
    read = piece.translate(_LOOKALIKE).casefold()
    spaced = re.sub(r"\b(\w)(?:[\s._*-](?=\w\b))", r"\1", read)  # i g n o r e
    leet = re.sub(r"(?<=\w)[013457@$](?=\w)", lambda m: _LEET[m[0]], read)
    return [
        n
        for n, p in _FOUND.items()
        if any(p.search(r) for r in {piece.casefold(), read, spaced, leet})
    ]
