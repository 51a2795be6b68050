"""Counts what can be counted of the house's words: `python -m tests.house.words app/mail` lists it.

The words come from `docs/contributing.md`; the rules are explained there.
"""

import ast
import importlib
import re
import sys
import tokenize
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "contributing.md"
_VERBS = """
accept acquire add adopt allow append apply ask assemble assign attach attempt authenticate ban
begin bind block build cache calibrate call cancel capture change check choose clean clear close
collect
combine commit compare compile complete compose compress compute configure confirm connect consume
convert copy count create deactivate decide declare decode decompress decrement decrypt defer
delete deliver derive describe detect disable discard download drop enable encode encrypt end
enforce ensure enter escape execute exit expand expire explain export expose extend extract fail
fetch fill filter find finish flush fold forbid forget format forward freeze generate get give
group grow guess handle hash hide hit hold identify impersonate import include increment
initialize insert inspect install interrupt invalidate invite issue iterate join judge keep leave
lift limit link list listen load lock log look lower make map mark mask match measure merge
migrate move name normalize note notify observe open order override overwrite pad parse pass patch
pause pick ping place plan post prefix prepare preserve print probe process protect provide
pseudonymize publish push put quote raise rank read receive record redact redirect refer refresh
refuse register reissue reject release reload remember remove rename render renew reorder repair
repeat replace replay report request require reserve reset resolve respond restart restore resume
retry return reuse reveal revoke rewrite rollback rotate round run save scan schedule scrub seal
search select send separate serialize serve set shorten show sign skip sleep sort specify spend
split start stop store strip substitute suggest swap sweep switch take test throttle time track
transform translate trim truncate try unban unlink unlock unpack unquote unregister unsign update
upgrade use validate verify wait walk warn watch withdraw wrap write yield
"""
VERBS = frozenset(_VERBS.split())
# A predicate, and the conversions that Python names so (`dict.fromkeys`, `Path.with_suffix`).
IDIOMS = frozenset({"is", "has", "can", "needs", "matches", "contains", "accepts", "trusts"})
CONVERSIONS = frozenset({"from", "to", "with", "on"})
# Objects that stand in for those of a library, without its base class.
OTHERS = {
    "casefold": "as `str.casefold`",
    "executemany": "as a cursor of DB-API 2.0",
    "fetchall": "as a cursor of DB-API 2.0",
    "lastrowid": "as a cursor of DB-API 2.0",
    "rowcount": "as a cursor of DB-API 2.0",
    "for_field_definition": "as `SchemaCreator` of Litestar",
    "bridge": "the word of the bridge's own page",
    "items": "as `Mapping.items`",
    "lifespan": "as the argument of FastAPI and Starlette",
    "main": "the entry point of a program",
    "now": "as `datetime.now`",
    "openapi": "as the method of FastAPI",
}
# Names that the bridge publishes, in its own files: programs of its users have them.
_PUBLISHED = """
Presented presented by of answer authenticator live live_authenticator live_user LiveUser
bearer_token path_user requires_user
"""
PUBLISHED = frozenset(_PUBLISHED.split())
# The hooks, which programs of users register by these names.
HOOKS = re.compile(
    r"(before|after)_(user|session|email)_[a-z]+|(user|session|password|token)_[a-z]+"
)
# Texts that clients have been told, with a word that we would not use now.
SENT = frozenset({"The credentials can't be checked at the moment, try again"})
Function = ast.FunctionDef | ast.AsyncFunctionDef
_CODE = re.compile(r"`[^`]*`")  # names in texts


class Finding(NamedTuple):
    path: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.text}"


def find_functions_without_verb() -> Iterator[Finding]:
    for path in _modules():
        for node, owner in _definitions_of(path):
            if not isinstance(node, Function) or _is_named_by_others(path, node, owner):
                continue
            if _is_published(path, node.name):
                continue
            first = node.name.strip("_").split("_")[0]
            is_conversion = first in CONVERSIONS and "_" in node.name.strip("_")
            if first not in VERBS | IDIOMS and not is_conversion:
                yield Finding(_name(path), node.lineno, f"{node.name}()")


def find_public_without_docstring() -> Iterator[Finding]:
    for path in _modules():
        for node, owner in _definitions_of(path):
            is_public = not node.name.startswith("_") and not (owner and owner.name[0] == "_")
            if not is_public or _is_nested(path, node) or ast.get_docstring(node):
                continue
            if isinstance(node, Function):
                is_of_protocol = owner is not None and node.name in _documented_by_protocols()
                if not is_of_protocol and not _is_named_by_others(path, node, owner):
                    yield Finding(_name(path), node.lineno, f"{node.name}()")
            elif not _is_refusal(node):
                yield Finding(_name(path), node.lineno, f"class {node.name}")


def find_classes_of_one_name() -> Iterator[Finding]:
    """The bridge is a package of its own, so that it is counted apart."""
    places = defaultdict[tuple[bool, str], list[Finding]](list)
    for path in _modules():
        for node, _ in _definitions_of(path):
            if isinstance(node, ast.ClassDef):
                place = Finding(_name(path), node.lineno, f"class {node.name}")
                places[_is_of_bridge(path), node.name].append(place)
    return (place for found in places.values() if len(found) > 1 for place in found)


def find_old_names() -> Iterator[Finding]:
    """Classes, functions, parameters, variables and modules that have a word not to use."""
    pattern = _pattern(_listed("Names we do not use"))
    for path in _modules():
        yield from (
            Finding(_name(path), line, name)
            for line, name in sorted(_names(_tree(path)) | {(0, path.stem)})
            if pattern.search(_spaced(name)) and not _is_published(path, name)
        )


def find_hard_words() -> Iterator[Finding]:
    """In docstrings, comments and messages of the service, and in the pages."""
    pattern = _pattern(_listed("Words we do not use"))
    for path in [*_modules(), *_pages()]:
        for number, line in _prose(path) if path.suffix == ".py" else _lines(path):
            if line not in SENT and (found := pattern.search(_CODE.sub("", line))):
                yield Finding(_name(path), number, f"{found[0]}: {line.strip()[:90]}")


RULES: dict[str, Callable[[], Iterable[Finding]]] = {
    "functions without verb": find_functions_without_verb,
    "public names without docstring": find_public_without_docstring,
    "classes of one name": find_classes_of_one_name,
    "old names": find_old_names,
    "hard words": find_hard_words,
}


def _modules() -> list[Path]:
    return sorted((ROOT / "app").rglob("*.py"))


def _pages() -> list[Path]:
    globs = (
        *(
            "*.md",
            "docs/*.md",
            "examples/*/README.md",
            "packages/*/README.md",
            "benchmarks/README.md",
            "tests/README.md",
        ),
        *(".env.example", "Makefile"),
    )
    found = {path for each in globs for path in ROOT.glob(each)} - {ROOT / "CHANGELOG.md"}
    return sorted({*found, ROOT / "app" / "bridge" / "README.md"})


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """The lines of a page; not those of the list itself."""
    is_list = False
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if path == PAGE and line.startswith("#"):
            is_list = line.endswith("we do not use")
        if not is_list:
            yield number, line


def _prose(path: Path) -> Iterator[tuple[int, str]]:
    """The comments and texts of a module."""
    with path.open("rb") as file:
        yield from (
            (token.start[0], token.string)
            for token in tokenize.tokenize(file.readline)
            if token.type == tokenize.COMMENT
        )
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from enumerate(node.value.splitlines(), start=node.lineno)


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def _definitions_of(path: Path) -> list[tuple[Function | ast.ClassDef, ast.ClassDef | None]]:
    return list(_definitions(_tree(path)))


def _definitions(
    tree: ast.AST, owner: ast.ClassDef | None = None
) -> Iterator[tuple[Function | ast.ClassDef, ast.ClassDef | None]]:
    """Every class and function with the class around it; None for a function in a function."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function | ast.ClassDef):
            yield node, owner
        inner = node if isinstance(node, ast.ClassDef) else None
        keeps = not isinstance(node, Function | ast.ClassDef)
        yield from _definitions(node, owner if keeps else inner)


def _is_of_bridge(path: Path) -> bool:
    return path.is_relative_to(ROOT / "app" / "bridge")


def _is_published(path: Path, name: str) -> bool:
    if path.is_relative_to(ROOT / "app" / "server" / "hooks"):
        return HOOKS.fullmatch(name) is not None
    return _is_of_bridge(path) and name in PUBLISHED


def _is_nested(path: Path, node: ast.stmt) -> bool:
    """Whether it is made in a function."""
    return node in _nested(path)


@cache
def _nested(path: Path) -> set[ast.AST]:
    """All that is within a function."""
    outer = [node for node in ast.walk(_tree(path)) if isinstance(node, Function)]
    return {inner for function in outer for inner in ast.walk(function) if inner is not function}


def _is_named_by_others(path: Path, node: Function, owner: ast.ClassDef | None) -> bool:
    """Properties are nouns, magic methods are Python's, overrides are of the base's library."""
    decorators = {ast.unparse(each).split("(")[0].split(".")[-1] for each in node.decorator_list}
    if decorators & {"property", "cached_property", "overload", "setter", "hybrid_property"}:
        return True
    if node.name.startswith("__") or node.name in OTHERS:
        return True
    return owner is not None and node.name in _inherited(path, owner.name)


@cache
def _inherited(path: Path, name: str) -> frozenset[str]:
    """What a class has from bases that are not of this project."""
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    try:
        found = getattr(importlib.import_module(module), name, object)
    except ImportError:  # FastAPI is not installed here
        return frozenset()
    bases = [base for base in found.__mro__ if base.__module__.split(".")[0] != "app"]
    return frozenset(each for base in bases if base is not object for each in dir(base))


def _is_refusal(node: ast.ClassDef) -> bool:
    """A class says by a code or a message what it is; an answer, by its status."""
    assigned = {
        name.id
        for each in node.body
        if isinstance(each, ast.Assign)
        for target in each.targets
        for name in ast.walk(target)
        if isinstance(name, ast.Name)
    }
    declared = {ast.unparse(each.target) for each in node.body if isinstance(each, ast.AnnAssign)}
    return bool(assigned & {"code", "message"} or declared & {"code", "message", "status"})


@cache
def _documented_by_protocols() -> frozenset[str]:
    """Methods whose docstring stands in a protocol; who implements it need not repeat it."""
    protocols = [
        node
        for path in _modules()
        for node, _ in _definitions_of(path)
        if isinstance(node, ast.ClassDef) and "Protocol" in map(_base_name, node.bases)
    ]
    methods = [each for node in protocols for each in node.body if isinstance(each, Function)]
    return frozenset(each.name for each in methods if ast.get_docstring(each))


def _base_name(base: ast.expr) -> str:
    return ast.unparse(base).split("[")[0].split(".")[-1]


def _names(tree: ast.Module) -> set[tuple[int, str]]:
    found = set[tuple[int, str]]()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.add((node.lineno, node.name))
            case ast.arg():
                found.add((node.lineno, node.arg))
            case ast.Name(ctx=ast.Store()):
                found.add((node.lineno, node.id))
            case ast.Attribute(ctx=ast.Store()):
                found.add((node.lineno, node.attr))
            case _:
                pass
    return found


def _spaced(name: str) -> str:
    """`LookAside` and `look_aside` as `look aside`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).replace("_", " ").lower()


@cache
def _listed(heading: str) -> tuple[str, ...]:
    """The first column of the table below this heading of the page."""
    _, _, rest = PAGE.read_text().partition(f"## {heading}\n")
    rows = re.findall(r"^\| ([^|]+) \| [^|]+ \|$", rest.partition("\n#")[0], re.MULTILINE)[1:]
    return tuple(word.strip() for row in rows for word in row.split(",") if "---" not in word)


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    assert words
    return re.compile(rf"\b({'|'.join(map(re.escape, words))})\b(?! keys?\b)", re.IGNORECASE)


def _print(folders: list[str]) -> None:
    for rule, find in RULES.items():
        found = [each for each in find() if not folders or each.path.startswith(tuple(folders))]
        sys.stdout.write(f"\n{rule}: {len(found)}\n")
        sys.stdout.writelines(f"  {each}\n" for each in found)


if __name__ == "__main__":
    _print(sys.argv[1:])
