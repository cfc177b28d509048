"""The operator's command: `headroom`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from headroom import __version__
from headroom.errors import BrokenCheck, HeadroomError, InvalidInput, places
from headroom_cli.console import replace_unprintable, terminal
from headroom_cli.prompts import agreement
from headroom_cli.stack_commands import doctor, hours, redrive

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Alerting on the concurrent calls of PolyAI voice agents.",
)

PREFIX = "/headroom/dev"

Config = Annotated[
    Path, typer.Option("--config", "-c", help="The YAML file with projects, rules and channels.")
]
State = Annotated[
    Path | None,
    typer.Option(help="The SQLite file; default: one per --config file, under ~/.local/state."),
]
Everything = Annotated[
    bool, typer.Option("--all", help="Show every project, even if they do not fit on one screen.")
]
PolyaiUrl = Annotated[
    str | None,
    typer.Option(envvar="HEADROOM_POLYAI_URL", help="Use this address instead of PolyAI's."),
]


@app.command()
def demo(
    log: Annotated[
        Path | None, typer.Option(help="Write the check function's log to this file.")
    ] = None,
) -> None:
    """Play a simulated day against an embedded AWS, PolyAI, Slack and PagerDuty, in a minute."""
    try:
        from headroom_cli.demo.command import demo as run_demo  # noqa: PLC0415 (its packages come with the tests)
    except ModuleNotFoundError as error:
        raise HeadroomError(f"the demo needs {error.name}: run it with `make run`") from None
    run_demo(terminal(), log)


@app.command()
def watch(
    config: Config,
    state: State = None,
    polyai_url: PolyaiUrl = None,
    *,
    everything: Everything = False,
) -> None:
    """Check every minute from this machine, without AWS, until Ctrl-C."""
    from headroom_cli.laptop.application import state_path  # noqa: PLC0415 (keep --help fast: the AWS library loads slowly)
    from headroom_cli.laptop.watch import watch as run_watch  # noqa: PLC0415

    _warn_unset(config)
    run_watch(terminal(), config, state or state_path(config), polyai_url, everything=everything)


@app.command()
def check(
    config: Config,
    state: State = None,
    polyai_url: PolyaiUrl = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Write nothing and send nothing.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the whole report as JSON.")
    ] = False,
    everything: Everything = False,
) -> None:
    """Run one check now and print its notices; exit 1 if anything could not be read or sent."""
    from headroom_cli.laptop import check as checking  # noqa: PLC0415 (as above)
    from headroom_cli.laptop.application import state_path  # noqa: PLC0415

    _warn_unset(config)
    report = checking.check(config, state or state_path(config), polyai_url, dry_run=dry_run)
    if as_json:
        terminal().out(checking.show_json(report), highlight=False)
    else:
        checking.show(terminal(), report, dry_run=dry_run, everything=everything)
    report.raise_bugs()
    raise typer.Exit(checking.exit_code(report, dry_run=dry_run))


@app.command()
def baseline(config: Config, state: State = None, polyai_url: PolyaiUrl = None) -> None:
    """Make what is usual for the rules that need it, where it is due; exit 1 if any failed.

    `watch` does it every hour. A deployed stack does it too; to have it done now, invoke the
    function STACK-baseline: docs/operations.md, What is usual.
    """
    from headroom_cli.laptop import making  # noqa: PLC0415 (as above)
    from headroom_cli.laptop.application import state_path  # noqa: PLC0415

    _warn_unset(config)
    for report in making.make(config, state or state_path(config), polyai_url):
        for line in (*making.made(report), *making.not_made(report)):
            terminal().print(line, markup=False)
        report.raise_bugs()
    for line in (*report.invalid, making.summary(report)):
        terminal().print(line, markup=False)
    raise typer.Exit(making.exit_code(report))


@app.command()
def push(
    config: Config,
    prefix: Annotated[
        str | None, typer.Option(help="The stack's Parameter Store prefix.", show_default=PREFIX)
    ] = None,
    stack: Annotated[
        str | None, typer.Option(help="The stack's name, instead of --prefix and --kms-key.")
    ] = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what would change.")
    ] = False,
    prune: Annotated[
        bool, typer.Option("--prune", help="Delete parameters that the file does not have.")
    ] = False,
    kms_key: Annotated[
        str | None, typer.Option(help="Encrypt secrets with this KMS key: the stack's KmsKeyArn.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
) -> None:
    """Validate the file and write it to Parameter Store, secrets as SecureString."""
    from headroom_cli.push import command as pushing  # noqa: PLC0415 (as above)

    if stack is not None:
        prefix, kms_key = pushing.stack_settings(stack, prefix, kms_key)
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


@app.command()
def simulator(
    config: Config,
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: a free one.")] = 8089,
) -> None:
    """Serve a PolyAI on this machine for the file's projects, to try rules out, until Ctrl-C."""
    from headroom_cli.simulator.command import simulate  # noqa: PLC0415 (as above)

    simulate(terminal(), config, port)


app.command()(hours)
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
    """Run the command: the entry point."""
    replace_unprintable()
    with errors_as_lines():
        app(arguments)


@contextmanager
def errors_as_lines() -> Iterator[None]:
    """Print Headroom's errors and a check's bugs as one line each, no traceback, and exit."""
    try:
        yield
    except BrokenCheck as check:
        _print_errors(check.lines)
        sys.exit(1)
    except HeadroomError as error:
        terminal(stderr=True).print(f"headroom: {error}")
        sys.exit(2 if isinstance(error, InvalidInput) else 1)
    except BaseExceptionGroup as group:
        _print_errors(places(group.exceptions))
        sys.exit(1)


def _warn_unset(config: Path) -> None:
    """Name the unset variables once, before the many errors that follow from them."""
    from headroom_cli.laptop.application import unset_variables  # noqa: PLC0415 (as above)

    if names := unset_variables(config):
        unset = ", ".join(names)
        _print_errors([f"not set: {unset}; export them: everything that uses them is invalid"])


def _print_errors(lines: Iterable[str]) -> None:
    for line in lines:
        terminal(stderr=True).print(f"headroom: {line}")
