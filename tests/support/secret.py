"""A secret for tests that read the settings, which refuse a weak one."""

STRONG_SECRET = "k3J9vQ2mX7pL4tZ8wR5yB1nC6dF0gH2s"
