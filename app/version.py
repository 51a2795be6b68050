"""Which release this is; the packages are built with the same number."""

VERSION = "0.2.0"  # without a type: the build reads this line by a pattern
