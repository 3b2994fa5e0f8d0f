"""What programs from outside the project hear in real and made clips: `listen.py`."""
