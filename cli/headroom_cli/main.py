"""The operator's command: `headroom`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from headroom import __version__
from headroom.bugs import places
from headroom.errors import (
    BrokenCheck,
    ConfigError,
    ConfigUnavailable,
    HeadroomError,
    SettingsError,
)
from headroom_cli.asking import agreement
from headroom_cli.console import terminal
from headroom_cli.deployed import doctor, redrive
from headroom_cli.output import lenient

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Alerting on the concurrent calls of PolyAI voice agents.",
)

PREFIX = "/headroom/dev"
BAD_INPUT = (ConfigError, ConfigUnavailable, SettingsError)

Config = Annotated[
    Path, typer.Option("--config", "-c", help="The YAML file with projects, rules and channels.")
]
State = Annotated[
    Path | None,
    typer.Option(help="The SQLite file; by default one for each --config, in ~/.local/state."),
]
Everything = Annotated[
    bool, typer.Option("--all", help="A line for every project, also beyond one screen.")
]
PolyaiUrl = Annotated[
    str | None,
    typer.Option(envvar="HEADROOM_POLYAI_URL", help="Takes the place of every region's host."),
]


@app.command()
def demo(
    log: Annotated[Path | None, typer.Option(help="Keep the check function's log here.")] = None,
) -> None:
    """Show everything on embedded parts: a simulated day in under a minute, no account needed."""
    try:
        from headroom_cli.demo.command import demo as play  # noqa: PLC0415 (needs the tests' packages)
    except ModuleNotFoundError as error:
        raise HeadroomError(f"the demo needs {error.name}: run it with `make run`") from None
    play(terminal(), log)


@app.command()
def watch(
    config: Config,
    state: State = None,
    polyai_url: PolyaiUrl = None,
    *,
    everything: Everything = False,
) -> None:
    """Check every minute from this machine, without AWS, until Ctrl-C."""
    from headroom_cli.local import state_path  # noqa: PLC0415 (--help need not wait for AWS's library)
    from headroom_cli.watch import watch as run_watch  # noqa: PLC0415

    _say_unset(config)
    run_watch(terminal(), config, state or state_path(config), polyai_url, everything=everything)


@app.command()
def check(
    config: Config,
    state: State = None,
    polyai_url: PolyaiUrl = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write and send nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole report.")] = False,
    everything: Everything = False,
) -> None:
    """Do one check now and print its notices; exit 1 if not all was read and sent."""
    from headroom_cli import once  # noqa: PLC0415 (as above)
    from headroom_cli.local import state_path  # noqa: PLC0415

    _say_unset(config)
    report = once.check(config, state or state_path(config), polyai_url, dry_run=dry_run)
    if as_json:
        terminal().out(once.show_json(report), highlight=False)
    else:
        once.show(terminal(), report, dry_run=dry_run, everything=everything)
    report.raise_bugs()
    raise typer.Exit(once.exit_code(report, dry_run=dry_run))


@app.command()
def push(
    config: Config,
    prefix: Annotated[
        str | None, typer.Option(help="Where the stack looks.", show_default=PREFIX)
    ] = None,
    stack: Annotated[
        str | None, typer.Option(help="Its name, such as headroom-prod: tells prefix and KMS key.")
    ] = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would change.")
    ] = False,
    prune: Annotated[bool, typer.Option("--prune", help="Delete what the file lacks.")] = False,
    kms_key: Annotated[
        str | None, typer.Option(help="Your own KMS key for secrets: the stack's KmsKeyArn.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Check the file and write it to Parameter Store, secrets as SecureString."""
    from headroom_cli import push as pushing  # noqa: PLC0415 (as above)

    if stack is not None:
        prefix, kms_key = pushing.of_stack(stack, prefix, kms_key)
    pushing.push(
        terminal(),
        pushing.parameter_store,
        config,
        prefix or PREFIX,
        dry_run=dry_run,
        prune=prune,
        kms_key=kms_key,
        agreed=agreement(yes=yes),
    )


app.command()(redrive)
app.command()(doctor)


@app.command()
def schema() -> None:
    """Print the JSON Schema of the YAML file, for editors."""
    from headroom_cli.config_file.schema import text  # noqa: PLC0415 (as above)

    terminal().out(text(), end="", highlight=False)


@app.callback(invoke_without_command=True)
def options(
    *, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    """Alerting on the concurrent calls of PolyAI voice agents."""
    if version:
        terminal().print(f"headroom {__version__}")
        raise typer.Exit


def run(arguments: Sequence[str] | None = None) -> None:
    """The entry point."""
    lenient()
    with in_lines():
        app(arguments)


@contextmanager
def in_lines() -> Iterator[None]:
    """End with a line for each of Headroom's own errors and each bug of a check; no trace."""
    try:
        yield
    except BrokenCheck as check:
        _say(check.lines)
        sys.exit(1)
    except HeadroomError as error:
        terminal(stderr=True).print(f"headroom: {error}")
        sys.exit(2 if isinstance(error, BAD_INPUT) else 1)
    except BaseExceptionGroup as group:
        _say(places(group.exceptions))
        sys.exit(1)


def _say_unset(config: Path) -> None:
    """Once and first: the refusals that follow from it are many."""
    from headroom_cli.local import unset  # noqa: PLC0415 (as above)

    if names := unset(config):
        _say([f"not set: {', '.join(names)}; export them, for what needs them is refused"])


def _say(lines: Iterable[str]) -> None:
    for line in lines:
        terminal(stderr=True).print(f"headroom: {line}")
