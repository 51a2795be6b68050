"""The words of the command line: commands, groups of them, and the options that several share."""

from collections.abc import Mapping, Sequence
from typing import Final

import click
from msgspec import Struct

from ..models.program_name import PROGRAM

_LINE: Final = 70  # characters of a summary in a list


class Chosen(Struct, frozen=True):
    """The command that was chosen: its words, the module that runs it, and its parameters."""

    words: str
    module: str
    parameters: Mapping[str, object]


class UnknownArgument(click.UsageError):
    """An argument that the command does not take."""

    def __init__(self, word: str, context: click.Context) -> None:
        super().__init__(f"unexpected argument {word!r}", context)
        self.word = word


class OneOf(Struct, frozen=True):
    """Options of which one is given at most or, if it is `required`, exactly one."""

    names: tuple[str, ...]
    required: bool = False


BY_PERSON: Final = OneOf(("email", "user_id"), required=True)


class Command(click.Command):
    """A command. `module` is imported when the command runs, and its `run` gets the parameters."""

    def __init__(
        self,
        name: str,
        module: str,
        summary: str,
        params: Sequence[click.Parameter] = (),
        one_of: OneOf | None = None,
    ) -> None:
        super().__init__(
            name,
            params=list(params),
            help=summary,
            callback=lambda **parameters: Chosen(_find_words(), module, parameters),
            # click says no more than "unexpected extra argument".
            context_settings={"allow_extra_args": True},
        )
        self._one_of = one_of

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Reads the arguments. What click raises without a context gets that of the command."""
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as fault:
            fault.ctx = fault.ctx or ctx
            raise

    def invoke(self, ctx: click.Context) -> object:
        """Returns the chosen command. Raises `click.UsageError`."""
        if ctx.args:
            raise UnknownArgument(ctx.args[0], ctx)
        if self._one_of is not None:
            self._check_one(self._one_of, ctx)
        return super().invoke(ctx)

    def _check_one(self, one_of: OneOf, ctx: click.Context) -> None:
        used = [name for name in one_of.names if ctx.params[name] not in (None, False, ())]
        if len(used) > 1 or (one_of.required and not used):
            flags = [each.opts[0] for each in self.params if each.name in one_of.names]
            count = "one" if one_of.required else "at most one"
            raise click.UsageError(f"give {count} of {' and '.join(flags)}", ctx)


class Commands(click.Group):
    """Commands in the order in which they are declared."""

    def __init__(self, name: str, summary: str, commands: Sequence[click.Command]) -> None:
        super().__init__(name, commands=list(commands), help=summary, no_args_is_help=True)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Returns the names, not sorted by the alphabet."""
        return list(self.commands)


class Program(Commands):
    """All commands, which the help shows under headings."""

    def __init__(
        self, summary: str, version: str, sections: Mapping[str, Sequence[click.Command]]
    ) -> None:
        commands = [each for section in sections.values() for each in section]
        super().__init__(PROGRAM, summary, commands)
        self.context_settings = {"help_option_names": ["-h", "--help"]}
        self._sections = sections
        self.params.append(_make_version_option(version))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the commands alone, so that all of them fit a screen."""
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes a list for each heading."""
        for heading, commands in self._sections.items():
            with formatter.section(heading):
                formatter.write_dl(
                    [(each.name or "", each.get_short_help_str(_LINE)) for each in commands]
                )


def list_person_options() -> list[click.Option]:
    """Returns the options that name one person: `email` and `user_id`."""
    return [
        click.Option(["--email"], metavar="ADDRESS", help="The person with this mail address."),
        click.Option(["--id", "user_id"], metavar="ID", help="The person with this id."),
    ]


def make_json_option() -> click.Option:
    """Returns `--json`, the parameter `as_json`."""
    return click.Option(["--json", "as_json"], is_flag=True, help="Print JSON.")


def _find_words() -> str:
    return click.get_current_context().command_path.removeprefix(f"{PROGRAM} ")


def _make_version_option(version: str) -> click.Option:
    def show(context: click.Context, _parameter: click.Parameter, is_on: bool) -> None:  # noqa: FBT001 - click's call
        if is_on:
            click.echo(version)
            context.exit()

    return click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=show,
        help="Show the release.",
    )
