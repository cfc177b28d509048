"""`redrive`, `doctor` and `hours` as typed on the command line; see the folders of these names."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headroom.errors import SettingsError
from headroom_cli.console import terminal
from headroom_cli.prompts import agreement

Stack = Annotated[str | None, typer.Option(help="The stack's name, such as headroom-prod.")]
Override = Annotated[str | None, typer.Option(help="Use this instead of the stack's own.")]

ON_A_LAPTOP = (
    "give --stack NAME: only the notices of a deployed stack can be sent again; `headroom watch` "
    "keeps undeliverable ones in its state file, and headroom doctor --config FILE lists them"
)


def redrive(  # noqa: PLR0913 (each is an option of the command line)
    stack: Stack = None,
    channel: Annotated[
        list[str] | None, typer.Option(help="Only notices for this channel; may be repeated.")
    ] = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only show what is in the queue.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask for confirmation.")] = False,
    drop: Annotated[
        bool, typer.Option("--drop", help="Delete the notices instead of sending them.")
    ] = False,
    drop_over: Annotated[
        bool, typer.Option("--drop-over", help="Delete only notices that will never be sent again.")
    ] = False,
    tidy: Annotated[
        bool, typer.Option("--tidy", help="Also delete failed checks; later ones caught up.")
    ] = False,
    queue_url: Override = None,
    prefix: Override = None,
) -> None:
    """Send the notices in a stack's dead-letter queue again, with the same ids."""
    from headroom_cli.aws import Aws  # noqa: PLC0415 (keep --help fast: the AWS library loads slowly)
    from headroom_cli.redrive import command  # noqa: PLC0415 (as above)
    from headroom_cli.redrive.options import Options  # noqa: PLC0415 (as above)
    from headroom_cli.stack import resolve_stack  # noqa: PLC0415 (as above)

    if drop and drop_over:
        raise SettingsError("give --drop (all notices) or --drop-over (ended incidents), not both")
    if stack is None:
        raise SettingsError(ON_A_LAPTOP)
    aws = Aws()
    place = resolve_stack(aws, stack, queue_url=queue_url, prefix=prefix)
    options = Options(
        channels=channel or (),
        dry_run=dry_run,
        drop=drop,
        drop_over=drop_over,
        tidy=tidy,
        agreed=agreement(yes=yes),
    )
    raise typer.Exit(command.redrive(terminal(), aws, place, options))


def doctor(
    stack: Stack = None,
    config: Annotated[
        Path | None,
        typer.Option("--config", "-c", help="The YAML file of a `watch` on this machine."),
    ] = None,
    state: Annotated[Path | None, typer.Option(help="The SQLite file; only with --config.")] = None,
    polyai_url: Annotated[
        str | None,
        typer.Option(envvar="HEADROOM_POLYAI_URL", help="As in `watch`; only with --config."),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Examine everything that Headroom needs and say what to fix; sends and writes nothing."""
    from headroom_cli.aws import Aws  # noqa: PLC0415 (as above)
    from headroom_cli.doctor import command, wiring  # noqa: PLC0415 (as above)
    from headroom_cli.laptop.application import polyai_host, state_path  # noqa: PLC0415 (as above)

    if (stack is None) == (config is None):
        raise SettingsError("give --stack NAME, or --config FILE for a watch on this machine")
    if config is None:
        probes = wiring.on_aws(Aws(), stack or "")
    else:
        host = polyai_host(polyai_url)
        probes = wiring.on_laptop(Aws(), config, state or state_path(config), host)
    raise typer.Exit(command.doctor(terminal(), probes, as_json=as_json))


def hours(
    project: Annotated[str, typer.Argument(help="The project's name.")],
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="The YAML file with the project.")
    ] = None,
    stack: Annotated[
        str | None, typer.Option(help="Instead of a file: a deployed stack's name.")
    ] = None,
    ahead: Annotated[str, typer.Option("--next", help="How far to look: 1d to 400d.")] = "14d",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the days as JSON.")] = False,
) -> None:
    """Show when a project's rules are active, day by day, with holidays and clock changes."""
    from headroom.bootstrap import system_clock  # noqa: PLC0415 (as above)
    from headroom_cli.aws import Aws  # noqa: PLC0415 (as above)
    from headroom_cli.config_file.calendars import utc_today  # noqa: PLC0415 (as above)
    from headroom_cli.hours import command, configured  # noqa: PLC0415 (as above)
    from headroom_cli.stack import resolve_stack  # noqa: PLC0415 (as above)

    if (stack is None) == (config is None):
        raise SettingsError("give --config FILE, or --stack NAME for what is deployed")
    number = command.days_of(ahead)
    if config is not None:
        found = configured.of_file(config, utc_today())
    else:
        aws = Aws()
        found = configured.of_stack(aws.ssm, resolve_stack(aws, stack or "").prefix)
    shown = command.show_hours(terminal(), found, project, system_clock(), number, as_json=as_json)
    raise typer.Exit(shown)
