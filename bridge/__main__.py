"""Entry point of `python -m bridge` and of the `msanii-bridge` command."""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    from bridge.cli.app import main as run

    run()


if __name__ == "__main__":
    main()
