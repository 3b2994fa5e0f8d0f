"""The OSC addresses of the daemon, all of them under `ROOT`."""

ROOT = "/msanii/"
