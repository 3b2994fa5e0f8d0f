"""The `msanii` command: music, models, metrics. Each command imports its modules when it runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import typer
from rich.console import Console
from rich.text import Text

from msanii.cli import arrange as cli_arrange
from msanii.cli import bench as cli_bench
from msanii.cli import complete as cli_complete
from msanii.cli import continue_ as cli_continue
from msanii.cli import evaluate as cli_evaluate
from msanii.cli import listen as cli_listen
from msanii.cli import model as cli_model
from msanii.cli import music as cli_music
from msanii.cli import pairs as cli_pairs
from msanii.cli import reference as cli_reference
from msanii.cli import restore as cli_restore
from msanii.cli import teach as cli_teach
from msanii.cli import verb_metrics as cli_verb_metrics
from msanii.cli import vocoder as cli_vocoder
from msanii.errors import MsaniiError
from msanii.malloc import retain_freed_pages

HELP = "Music diffusion with chords and a beat: make music, train and evaluate models."


def build_app() -> typer.Typer:
    """Build the command line with all its commands."""
    app = typer.Typer(help=HELP, no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False)
    cli_music.register(app)
    cli_arrange.register(app)
    cli_complete.register(app)
    cli_restore.register(app)
    cli_continue.register(app)
    cli_model.register(app)
    cli_evaluate.register(app)
    cli_bench.register(app)
    cli_reference.register(app)
    cli_pairs.register(app)
    cli_vocoder.register(app)
    cli_teach.register(app)
    cli_listen.register(app)
    cli_verb_metrics.register(app)
    return app


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command. An error that the user can act on is printed in red; the exit status is 1."""
    retain_freed_pages()
    try:
        build_app()(args=None if arguments is None else list(arguments), prog_name="msanii")
    except MsaniiError as error:
        Console(stderr=True).print(Text(str(error), style="bold red"), soft_wrap=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
