-- What a saved session has on its tracks, read by another Ardour. Arguments as for ask.lua.
dofile (arg[1] .. "/stand_ins.lua")
AudioEngine:set_backend ("None (Dummy)", "", "")
assert (load_session (arg[3], "session"))
tell_regions ()
close_session ()
quit ()
