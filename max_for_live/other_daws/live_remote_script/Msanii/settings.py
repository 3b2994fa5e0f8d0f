"""What you may change. Live reads it when it starts; `msanii-bridge install live` keeps your changes."""

# Where `msanii-bridge serve` listens.
PORT = 9800

# Buttons: the MIDI channel from 1 to 16, and which notes or controllers (cc) of it press each of them.
CHANNEL = 16
BUTTONS = {
    "generate": (("note", 36), ("cc", 20)),
    "vary": (("note", 37), ("cc", 21)),
    "place": (("note", 38), ("cc", 22)),
    "cancel": (("note", 39), ("cc", 23)),
}

# What Generate asks for. Tempo and meter are Live's. An empty PRESET is the one that the bridge has loaded.
PRESET = ""
BARS = 4
LOOP = True
# keys, lead, pad, bass or drums, for audio tracks whose names have none of these words.
PART = ""

# How far Vary departs from its source: small values stay close, 1 ignores it.
STRENGTH = 0.5

# Warped takes follow Live's tempo, and can loop. True places takes without waiting for the button.
WARP = True
PLACE_AT_ONCE = False
