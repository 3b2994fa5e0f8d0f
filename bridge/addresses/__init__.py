"""The OSC addresses, all of them under `ROOT`."""

ROOT = "/msanii/"
