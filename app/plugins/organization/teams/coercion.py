"""Any JSON value as a text, as JavaScript's `String` makes it (`z.coerce.string`)."""


def convert_to_text(value: object) -> str:
    """Returns the text of a JSON value."""
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, list):
        return ",".join("" if each is None else convert_to_text(each) for each in value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else "[object Object]"
