"""The folders of a library, and the audio files in them.

    <library>/                       takes and their recipes, unless there is a drop folder
    <library>/.msanii/journal.sqlite the job queue
    <library>/.msanii/index.sqlite   allocated names and known takes; rebuilt from the files if lost
    <library>/.msanii/starred        file names of starred takes, one per line
    <library>/.msanii/labels.json    names that musicians gave their takes, by file name
    <library>/.msanii/scenes.json    the stage's scenes
    <library>/.msanii/sources/       source audio by hash
    <library>/.msanii/heard/         what was heard in audio, by hash

The files are authoritative; the index only saves reading every recipe.
"""

from __future__ import annotations

import logging
import os
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from bridge.library.file_names import EXTENSIONS
from bridge.library.labels import read_labels
from bridge.library.sources import find_source, keep_source
from bridge.messages import BridgeError, SourceAudio

_log = logging.getLogger(__name__)
INNER = ".msanii"
AUDIO_SUFFIXES = frozenset(EXTENSIONS.values())


class LibraryFolders:
    """The folders of the library at `folder`. Its takes are in `drop_folder`, if it has one."""

    def __init__(self, folder: Path, drop_folder: Path | None = None) -> None:
        self.folder = folder
        self.takes_folder = drop_folder or folder
        self.inner = folder / INNER
        self.sources = self.inner / "sources"
        self.heard = self.inner / "heard"
        self.index_path = self.inner / "index.sqlite"
        self.journal_path = self.inner / "journal.sqlite"
        self.starred_path = self.inner / "starred"
        self.labels_path = self.inner / "labels.json"
        self.scenes_path = self.inner / "scenes.json"

    def audio_files(self) -> Iterator[str]:
        """Yield the paths of the audio files. A name that is not UTF-8 is left out with a warning."""
        for folder in {self.folder, self.takes_folder}:
            with suppress(FileNotFoundError), os.scandir(folder) as entries:
                for entry in entries:
                    if os.path.splitext(entry.name)[1] in AUDIO_SUFFIXES and _is_listed(entry):
                        yield entry.path

    def find(self, path_or_name: str) -> Path | None:
        """Return the path of the file of that name or label, or at that path, in this library, or None.

        Raises BridgeError `value` for a label that several takes have.
        """
        wanted = Path(self.named(path_or_name))
        for folder in (self.takes_folder, self.folder):
            path = folder / wanted.name
            if wanted in (path, Path(wanted.name)) and path.is_file():
                return path
        return None

    def named(self, text: str, *others: Path) -> str:
        """Return the file name of the take that has this label; any other text as it is.

        A file of that name, here or in one of the `others`, counts for more than a label. Raises BridgeError
        `value` for a label that several takes have.
        """
        wanted = unicodedata.normalize("NFC", text).casefold()
        labels = read_labels(self.labels_path)
        labelled = [name for name, label in labels.items() if label.casefold() == wanted]
        takes = [name for name in labelled if self._has(name)]
        if not takes or self._has(text, *others):
            return text
        if len(takes) > 1:
            raise BridgeError(
                "value", f"{len(takes)} takes are named `{text}`; give a file name, such as `{takes[0]}`"
            )
        return takes[0]

    def _has(self, name: str, *others: Path) -> bool:
        return any(os.path.exists(folder / name) for folder in (self.takes_folder, self.folder, *others))

    def keep_source(self, path: str, allowed_folders: Sequence[Path] | None) -> SourceAudio:
        """Copy an audio file under its hash; see `sources.keep_source`. A bare name may be that of a take."""
        return keep_source(path, self.sources, allowed_folders=allowed_folders, bases=[self.takes_folder])

    def source_path(self, source: SourceAudio) -> Path:
        """Return the library's copy of a source. Raises BridgeError `source` if it is gone."""
        return find_source(source, self.sources)


def _is_listed(entry: os.DirEntry[str]) -> bool:
    if entry.name.startswith(".") or not entry.is_file():
        return False
    try:
        entry.name.encode()
    except UnicodeEncodeError:
        # Neither OSC nor the index can hold such a name.
        _log.warning("%s is no name in UTF-8, so it is not listed: rename it", ascii(entry.name))
        return False
    return True
