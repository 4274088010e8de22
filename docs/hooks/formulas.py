"""Turn formulas in TeX into MathML, which browsers draw without a script."""

import re

from latex2mathml.converter import convert


MATH = re.compile(
    r'<(?P<tag>span|div) class="arithmatex">'
    r"\\(?P<open>[(\[])(?P<tex>.*?)\\[)\]]</(?P=tag)>",
    re.DOTALL,
)
ENTITIES = {"&lt;": "<", "&gt;": ">", "&amp;": "&"}


def on_page_content(html: str, **kwargs: object) -> str:
    """The page with its formulas drawn."""
    del kwargs
    return MATH.sub(_drawn, html)


def _drawn(match: re.Match[str]) -> str:
    tex = match["tex"]
    for entity, sign in ENTITIES.items():
        tex = tex.replace(entity, sign)
    if match["open"] == "(":
        return convert(tex)
    return f'<div class="formula">{convert(tex, display="block")}</div>'
