"""What an extra of the package brings, told where it is missing."""


def needs(wanted: str, missing: ModuleNotFoundError, extra: str) -> str:
    """One line for somebody who wants a part without having installed its extra."""
    return f'{wanted} needs {missing.name}: pip install "better-auth-bridge[{extra}]"'
