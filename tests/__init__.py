"""The tests. Whoever imports them keeps what Python compiled, as do the processes started for them.

A container often tells Python not to, and each of some hundred processes would compile the service
anew. Node keeps what it compiled only where it is told to.
"""

import os
import sys
from pathlib import Path

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
os.environ.setdefault("NODE_COMPILE_CACHE", str(Path(__file__).parents[1] / "build" / "compiled"))
