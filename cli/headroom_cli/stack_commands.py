"""The commands about a deployed stack, as they are written on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from headroom.errors import SettingsError
from headroom_cli.console import terminal
from headroom_cli.prompts import agreement

Stack = Annotated[
    str, typer.Option(help="The stack's name, such as headroom-prod: it tells all the rest.")
]
InItsStead = Annotated[str | None, typer.Option(help="In place of the stack's own.")]


def redrive(  # noqa: PLR0913 (each is an option of the command line)
    stack: Stack,
    channel: Annotated[
        list[str] | None, typer.Option(help="Only what this channel never took; may be repeated.")
    ] = None,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what lies there.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    drop: Annotated[bool, typer.Option("--drop", help="Delete instead of sending.")] = False,
    drop_over: Annotated[
        bool, typer.Option("--drop-over", help="Delete only what is held back for good.")
    ] = False,
    tidy: Annotated[
        bool, typer.Option("--tidy", help="Delete failed checks too: later ones caught up.")
    ] = False,
    queue_url: InItsStead = None,
    prefix: InItsStead = None,
) -> None:
    """Send the notices in the dead-letter queue again, with the same ids."""
    from headroom_cli.aws import Aws  # noqa: PLC0415 (--help need not wait for AWS's library)
    from headroom_cli.redrive import command  # noqa: PLC0415 (as above)
    from headroom_cli.redrive.options import Options  # noqa: PLC0415 (as above)
    from headroom_cli.stack import resolve_stack  # noqa: PLC0415 (as above)

    if drop and drop_over:
        raise SettingsError("give --drop or --drop-over: one deletes all, the other what is over")
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
    stack: Annotated[
        str | None, typer.Option(help="The stack's name, such as headroom-prod.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="The file of a `watch`, without a stack.")
    ] = None,
    state: Annotated[Path | None, typer.Option(help="With --config: the SQLite file.")] = None,
    polyai_url: Annotated[
        str | None, typer.Option(envvar="HEADROOM_POLYAI_URL", help="With --config: as in `watch`.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Look at everything that Headroom needs, and say what to do; nothing is sent or written."""
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
