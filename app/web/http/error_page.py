"""The error page of failed links: Better Auth's words in our design, light and dark."""

from collections.abc import Iterable
from html import escape
from urllib.parse import quote

from ..urls.url_parser import parse_origin

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Error</title>
<style>
:root {{ color-scheme: light dark; --ground: #fff; --text: #222; --quiet: #595959;
  --line: #d4d4d4 }}
@media (prefers-color-scheme: dark) {{
  :root {{ --ground: #161616; --text: #f2f2f2; --quiet: #b0b0b0; --line: #4a4a4a }}
}}
* {{ box-sizing: border-box }}
body {{ margin: 0; min-height: 100vh; padding: 1rem; display: grid; place-items: center;
  background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif }}
main {{ width: 100%; max-width: 32rem; padding: 2rem 1.5rem; text-align: center;
  border: 1px solid var(--line); border-radius: .5rem; overflow-wrap: anywhere }}
h1 {{ margin: 0; font-size: .875rem; letter-spacing: .1em; color: var(--quiet) }}
h2 {{ margin: .25rem 0 1rem; font-size: 1.5rem; line-height: 1.25 }}
p {{ margin: 0 0 1rem }}
a {{ color: inherit }}
.home {{ display: inline-block; margin-top: .5rem; padding: .5rem 1rem; border-radius: .25rem;
  background: var(--text); color: var(--ground); text-decoration: none }}
a:focus-visible {{ outline: 2px solid; outline-offset: 2px }}
</style>
</head>
<body>
<main>
<h1>ERROR</h1>
<h2>Something went wrong</h2>
<p>CODE: <code>{code}</code></p>
<p>{description}</p>
<a class="home" href="{home}">Go Home</a>
</main>
</body>
</html>
"""
_APOLOGY = (
    "We encountered an unexpected error. Please try again or return to the home page. "
    "If you're a developer, you can find "
    '<a href="https://better-auth.com/docs/reference/errors/{code}" rel="noopener noreferrer">'
    "more information about the error</a>."
)


def render_error_page(code: str, description: str, home: str) -> str:
    """Returns the page. `code`: letters, digits, `_`, `-` and `'`. `description`: any text."""
    shown = escape(description) or _APOLOGY.format(code=quote(code))
    return _PAGE.format(code=escape(code), description=shown, home=escape(home))


def find_home_page(trusted_origins: Iterable[str]) -> str:
    """Returns the home page: the first trusted front end, else the root of this site."""
    return next((f"{origin}/" for origin in trusted_origins if _is_page(origin)), "/")


def _is_page(origin: str) -> bool:
    if "*" in origin or "?" in origin or not origin.startswith(("http://", "https://")):
        return False
    return parse_origin(origin) == origin
