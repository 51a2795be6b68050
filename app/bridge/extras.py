"""Messages about missing extras."""


def needs(wanted: str, missing: ModuleNotFoundError, extra: str) -> str:
    """Returns one line that names the extra to install."""
    return f'{wanted} needs {missing.name}: pip install "better-auth-bridge[{extra}]"'
