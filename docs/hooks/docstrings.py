"""Let docstrings show examples as code: griffe knows `Examples`, not `Example`."""

import re

import griffe


HEAD = re.compile(r"^Example:$", re.MULTILINE)


class Examples(griffe.Extension):
    """Renames the section of examples in every docstring."""

    def on_object(self, *, obj: griffe.Object, **kwargs: object) -> None:
        """Rename it in one docstring."""
        del kwargs
        if obj.docstring is not None:
            obj.docstring.value = HEAD.sub("Examples:", obj.docstring.value)
