"""What a test sees of a flow in the browser."""

from collections.abc import Callable
from typing import Any

Result = Any  # the JSON that a flow printed
Flow = Callable[[str], Result]
