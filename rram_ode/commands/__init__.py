"""What the command lines share: errors, flags, tables, reports.

Names are loaded on first use (`__init__.pyi` lists them), so that `--help` and a wrong
flag are answered before jax and matplotlib are imported.
"""

import lazy_loader


__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
