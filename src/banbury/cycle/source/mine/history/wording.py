"""Wording: which sentences tell behaviour rather than the change, and titles in plain words."""

from __future__ import annotations

import re

_BEHAVIOUR = (
    "raise|reject|ignore|keep|preserve|prevent|handle|escape|allow|return|respect|parse|render|"
    "treat|support|restore|validate|accept|propagate|stop|show|hide|warn|restrict|strip|skip|emit|"
    "print|report|display|honou?r|do(?:n't| not)|never|always|correctly|properly|land|settle|fail|"
    "yield|detect|quote|encode|decode|normali[sz]e|trim|format|retry|stream|send|match|find|avoid|"
    "resolve|expand|follow|load|save|dump|write|read|serialize|deserialize|sort|cope|specify|"
    "disallow|forbid|require|exclude|include|delete|clear|lowercase|enforce|recogni[sz]e|"
    "provide|let|produce|discard|log|suppress|convert|reset|work|compare|split|catch|ensure|"
    "make sure|improve|infer|interpret|translate|open|give|carry|"
    "pluralize|forward|round-trip|descend|recover|unambiguously"
)
_CHANGES = (
    "use|utili[sz]e|add|remove|move|rename|replace|refactor|simplify|extract|change|introduce|"
    "update|implement|switch|wrap|pass|merge|bump|clean|apply|drop|call|revert|deprecate|tweak|"
    "guard|store|track|set|build|compute|delegate|copy|reuse|cache|close|override|make|defer|"
    "check|create|define|insert|bind|cast|swap|inline|hoist|rewrite|rework|adjust|adapt|attach|"
    "assign|append|prepend|inject|initiali[sz]e|import|register|unify|tighten|relax|optimi[sz]e|"
    "perform|put|turn|try|test|document|mention|note|fold|lift|loop|iterate|lock|mark|consider|"
    "align|modify|bail|short-circuit|walk|look|start|run|get|take|go|reorder|distinguish|rely|disable|enable|enhance|explicitly"
)
_IMPERATIVE = re.compile(rf"^(?:{_BEHAVIOUR}|{_CHANGES})\b(?!['-])", re.I)
_WISH = re.compile(rf"^(?:{_BEHAVIOUR})\b", re.I)
_SOLVES = re.compile(rf"^(?:{_CHANGES})\b(?!-)", re.I)
_DOING = re.compile(
    r"^(?:us|add|remov|mov|renam|replac|refactor|chang|introduc|updat|modif|switch|wrap|pass|call|"
    r"swap|cast|simplify|adjust)(?:y)?(?:ing|e?d|ied|es|s)\b",
    re.I,
)
_ORDERS = re.compile(
    r"^(?!(?:when|if|in|on|with|for|after|before|while|since|although|once|because|as|at|by|from|"
    r"though|until|unless|without|this|that|it|the|a|an|and|but|or|so|to|of|both|all|any|each|"
    r"only|not|even|there|what|which|who|where|under|during|given|via|using|per|like|than|some)\b)"
    r"[A-Za-z]+(?<!s)(?<!ed)(?<!ing)(?<!ly)\s+(?:the|a|an|its|their|all|any|each|every|this)\s"
)
_LATER = re.compile(
    rf"^(?:for|in|if|when|instead|then|so|also|to|now|thus|here|finally)\b[^,]*,\s+(?:we |i |just |"
    rf"then |also )*(?:{_CHANGES}|do|{_BEHAVIOUR})\b(?!\w|\()",
    re.I,
)
_ABOUT_WORK = re.compile(
    r"\b(?:pull request|PRs?|commits?|patch(?:es)?|review\w*|refactor\w*|changelog|docstrings?|"
    r"mypy|pyright|flake8|lint\w*|pre-commit|CI|tox|rebas\w+|WIP|TODO|coverage|type annotations?|"
    r"unit tests?|regression tests?|test (?:cases?|suite|coverage)|new tests?|tests? (?:for|to|that"
    r"|cover\w*|confirm\w*|check\w*|pass\w*|added|fail\w*)|(?:the|these|those|added?|adds) tests?|"
    r"co-authored|signed-off|backport\w*|squashed|workarounds?|"
    r"this approach|[Ww]e (?:now|then|pass|use|also)|"
    r"this (?:fix|change)|the fix|easy way out|this adds|"
    r"typing\.cast|monkeypatch|code (?:path|style)|I'm|I've|thanks)\b"
    r"|(?<![\w`.])(?:I|[Mm]y)(?=\s)",
)
_WE = re.compile(
    r"^(?:(?:so|and|thus|hence),? )?(?:we|let's|let us|also|now)\b"
    r"(?!.*\b(?:currently|previously|used to)\b)",
    re.I,
)
_HOW = re.compile(
    r",?\s+(?:by|through|via)\s+(?:not\s+)?(?:\w+ly\s+)?(?!being|default|doing|mistake)\w+ing\b.*$",
    re.S,
)
_LEANS = re.compile(
    r"^(?:this|that|these|those|it|they|such|then|so|however|but|also|additionally|moreover|"
    r"instead|otherwise|therefore|hence|thus|furthermore|likewise|and|with that|in these)\b",
    re.I,
)
_FINITE = re.compile(
    r"\b(?:is|are|was|were|has|have|had|does|did|do|can|could|will|would|should|must|may|might|"
    r"cannot|\w+n't|now|no longer|never|broke|"
    r"began|got|took|gave|left|led|lost|ran|kept|wrote|became)\b|\b[a-z]{2,}(?:ed|[^s\W]s)\b",
)
_PROBLEM = re.compile(
    r"\b(?:when|where|if|whenever|only|always|never|still|even|without|again|already|currently|"
    r"previously|expected|should|must|would|wrong\w*|incorrect\w*|broken|breaks?|invalid|bugs?|"
    r"unexpected\w*|fail\w*|rais\w+|crash\w*|regress\w*|leak\w*|hang\w*|los[et]\w*|missing|"
    r"silently|instead|no longer|not|cannot|\w+n't|ignor\w+|causes?d?|result\w*|issue|problem|"
    r"prevent\w*|now|\w+(?:Error|Exception|Warning))\b",
    re.I,
)
_WHERE = re.compile(
    r"^.*?\b(?:fix(?:e[sd]|ing)?|solve[sd]?|resolve[sd]?|address(?:es|ed)?)\s+"
    r"(?:an?|the|some|several)?\s*(?:\w+\s)?(?:bugs?|issues?|problems?|regressions?|errors?|cases?)"
    r"\s+(?:where(?:by)?|that|in which|when)\s+(.*)$",
    re.I | re.S,
)
_FIXED = re.compile(
    r"^(?:this\s+|it\s+)?(?:bug-?|quick\s+|hot-?)?fix(?:e[sd]|ing)?(?:\s+(?:up|for))?(?:\s*[:-])?"
    r"\s+(?:an?\s+|the\s+|some\s+)?",
    re.I,
)
_CLAUSE = re.compile(
    r"^(?:\w+\s)?(?:bugs?|issues?|problems?|regressions?|errors?|cases?)"
    r"\s+(where(?:by)?|that|in which|which)\s+",
    re.I,
)
_TROUBLE = re.compile(
    r"\b(?:unhandled|missing|wrong\w*|incorrect\w*|broken|breaks?|invalid|crash\w*|regress\w*|"
    r"errors?(?! (?:messages?|report|handl|class|code|type|text|output)\w*)|"
    r"infinite|doubled?|duplicate\w*|deadlocks?|races?|leak\w*|bugs?|issues?|problems?|"
    r"typos?|spurious|unexpected\w*|fail\w*|overflows?|inconsisten\w+|silently|lost|cannot|"
    r"\w+n't|not|ignor(?:ed|es|ing)|dropped|exceptions?|being|raising|losing|appearing|dropping|"
    r"producing|emitting|crashing|hanging|mangl\w+|skipped|swallowing|mishandl\w+|collapsing|\w+(?:Error|Exception|Warning)s?)\b",
    re.I,
)
_FAILED = re.compile(
    r"^(?:(?! when | if ).)*\b(?:raise[sd]|fail(?:s|ed)|crash(?:es|ed)|returned)\b"
)
_SHOULD = re.compile(
    rf"^(?P<what>.{{3,70}}?)\s+to\s+(?P<how>(?:not\s+|only\s+|correctly\s+)?"
    rf"(?:{_BEHAVIOUR}|be|have|use|match|work|contain|{_CHANGES}))(?P<rest>[\s/].+|)$",
    re.I | re.S,
)
_RAISE = re.compile(
    r"^raises?\s+(?:an?\s+|the\s+)?(?P<what>.+?)\s+(?P<when>(?:if|when|for|on|instead|in|unless|"
    r"rather|at|with|from)\b.*)$",
    re.I | re.S,
)
_WANTED = re.compile(
    r"\b(?:no longer|now|again|anymore|any more|correctly|properly|should|must|always)\b", re.I
)
_WRONG = re.compile(
    r"\b(?:previously|currently|regression|bug|crash\w*|was|were|would|raised|failed|fails|broke|"
    r"masked|lost|refuses|instead of|wrong\w*|incorrect\w*|caus\w+|result\w+ in)\b",
    re.I,
)


_AND_TESTS = re.compile(
    r"\s+(?:and|[&+])\s+(?:add|update|improve)\w*\s+(?:\w+\s+)?tests?\b.*", re.I | re.S
)
_TOPIC = re.compile(r"^[\w`.() /-]{1,40}:\s+")


def title(text: str) -> str:
    """Return a plain title that says what is wrong or wanted; "" where it tells the change alone.

    Args:
        text: what a change is called, without markup.
    """
    text = _AND_TESTS.sub("", text)
    text = _HOW.sub("", text).strip().rstrip(".").strip()
    if re.fullmatch(r"(?i)\W*(?:bug\W*)?fix\w*\W*(?:issues?|bugs?|it|this|tests?|ci)?\W*", text):
        return ""
    rest = _FIXED.sub("", text, count=1)
    if rest != text:
        return _upper(_wrong(rest.strip())) if len(rest.split()) > 1 else ""
    if _ABOUT_WORK.search(text) or re.match(r"(?:by|using|via|through)\b", text, re.I):
        return ""
    return _upper(_called(text))


def _wrong(rest: str) -> str:
    """Return what a fix repairs, in the words of somebody who has the trouble."""
    if re.match(
        r"(?i)(?:by|using|via|through|\d+)\b|.*\b(?:test_\w+|tests|test cases?|docstrings?)\b", rest
    ):
        return ""
    clause = _CLAUSE.match(rest)
    if clause:
        return rest[clause.end() :]
    wished = _SHOULD.match(rest)
    if wished and not _TROUBLE.search(wished["what"]) and "when" not in wished["what"].split():
        return f"{wished['what']} should {wished['how']}{wished['rest']}"
    bare = _TOPIC.sub("", rest)
    if _IMPERATIVE.match(bare) or _DOING.match(bare):
        return _called(rest)
    if re.match(r"(?i)(?:when|if|for|in|on|with)\b", rest):
        return f"Problem {lowered(rest)}"
    head = re.split(r"\s(?:when|if|where|on|in|for|while|with)\s", rest, maxsplit=1)[0]
    if _TROUBLE.search(head) or _FAILED.search(rest):
        return rest
    if _WANTED.search(rest) and "should" not in rest:
        return f"Expected: {lowered(rest)}"
    return f"Problem with {lowered(rest)}"


def _called(text: str) -> str:
    missing = re.match(
        r"^add(?:s|ed|ing)?\s+(?:(?:back|the|a|an|missing|support for)\s+)*(.*)$", text, re.I | re.S
    )
    if missing and not re.match(
        r"(?i)(?:\w+ )?(?:test\w*|docs?|checks?|guard|comments?)\b", missing[1]
    ):
        support = "support for " if re.search(r"(?i)^\w+\s+support for", text) else ""
        return f"Missing {support}{missing[1]}"
    bare = _TOPIC.sub("", text)
    seen = re.match(r"(?i)(?:update|align|make|check(?!.*\bbefore\b))\b", bare)
    if _DOING.match(bare) or (_SOLVES.match(bare) and not seen):
        return ""
    ordered = _WISH.match(text) or _IMPERATIVE.match(text)
    after = re.search(r"\b(?:no longer|now|any ?more)\b", text)
    if ordered or (_TROUBLE.search(text) and not after):
        return text
    if _FINITE.search(text) and not re.search(r"\bshould\b", text):
        return f"Expected: {lowered(text)}"
    return text


def sentence(text: str, *, listed: bool) -> str:
    """Return a sentence that tells behaviour; "" where it tells how the change is made.

    Args:
        text: without markup.
        listed: it stands in the project's list of changes, whose words are for users.
    """
    found = _WHERE.match(text)
    if found:
        return ended(_upper(found[1]))
    if _ABOUT_WORK.search(text) or _WE.match(text) or _LATER.match(text):
        return ""
    text = _HOW.sub("", text).strip()
    if len(text.split()) < 4 or text.count("`") % 2 or re.search(r"(?:^|\s)\d\. [a-z]", text):
        return ""
    if _FIXED.match(text):
        made = title(text)
        if _IMPERATIVE.match(made):
            return _wished(made)
        return ended(made) if len(made.split()) > 3 else ""
    if _IMPERATIVE.match(text) or _DOING.match(text) or _ORDERS.match(text):
        return _wished(text) if listed else ""
    if not _FINITE.search(text) or not (listed or _PROBLEM.search(text)):
        return ""
    return ended(_upper(text))


def _wished(text: str) -> str:
    """Return an order of the list of changes as a wish, where it is about behaviour."""
    raised = _RAISE.match(text)
    if raised:
        return ended(_upper(f"{raised['what']} should be raised {raised['when']}"))
    if not _WISH.match(text) or re.match(r"(?i)(?:avoid|ensure|make sure|improve)\b", text):
        return ""
    text = re.sub(r"^(?i:do(?:n't| not))\b", "not", text)
    return ended(f"It should {lowered(text)}")


def fault(text: str) -> bool:
    """Say whether a sentence names a fault that was repaired, not what is after the repair."""
    return bool(_WHERE.match(text) or _FIXED.match(text))


def leans(text: str) -> bool:
    """Say whether a sentence can only be understood after the one before it."""
    return bool(_LEANS.match(text))


def wanted(text: str) -> bool:
    """Say whether a sentence tells what is expected, as one tells what is after a change."""
    return bool(_WANTED.search(text)) or not _WRONG.search(text)


def ended(text: str) -> str:
    """Return a sentence with its stop."""
    return text if text.endswith((".", "!", "?")) else f"{text.rstrip(':;, ')}."


def lowered(text: str) -> str:
    """Return a text that begins small, names and initials left as they are."""
    first = text.split(" ", 1)[0]
    return text[:1].lower() + text[1:] if re.fullmatch(r"[A-Z][a-z']*", first) else text


def _upper(text: str) -> str:
    first = text.split(" ", 1)[0]
    return text[:1].upper() + text[1:] if re.fullmatch(r"[a-z][a-z'-]*[,:]?", first) else text
