"""The input beside the stage: its ring of the last minute, its clock, and bars cut from it."""
