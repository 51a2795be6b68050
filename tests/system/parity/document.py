"""`python -m tests.system.parity.document` writes `docs/parity.md`."""

from .endpoints import ROOT
from .page import page

PAGE = ROOT / "docs" / "parity.md"

if __name__ == "__main__":
    PAGE.write_text(page())
