-- A new session with a tempo map, and Generate here up to the import. Arguments: this folder, the scripts' folder,
-- the session's folder.
dofile (arg[1] .. "/stand_ins.lua")
AudioEngine:set_backend ("None (Dummy)", "", "")
assert (create_session (arg[3], "session", 44100))
assert (AudioEngine:start () == 0)

local map = Temporal.TempoMap.fetch_writable ()
map:set_tempo (Temporal.Tempo (93, 93, 4), Temporal.timepos_t (0))
map:set_meter (Temporal.Meter (3, 4), Temporal.timepos_t (0))
-- From bar 13 on.
local later = Temporal.timepos_t.from_ticks (12 * 3 * Temporal.ticks_per_beat)
map:set_tempo (Temporal.Tempo (140, 140, 4), later)
map:set_meter (Temporal.Meter (7, 8), later)
Temporal.TempoMap.update (map)
map, later = nil, nil

local stereo = ARDOUR.ChanCount (ARDOUR.DataType ("audio"), 2)
Session:new_midi_track (ARDOUR.ChanCount (ARDOUR.DataType ("midi"), 1), stereo, true, ARDOUR.PluginInfo (), nil, nil,
	1, "Notes", ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true)
Session:new_audio_track (2, 2, nil, 1, "Keys", ARDOUR.PresentationInfo.max_order, ARDOUR.TrackMode.Normal, true)

local generate = arg[2] .. "/msanii_generate_here.lua"
go_to (341419 + 20000)
answers = { part = "keys" }
run_action (generate)
tell ("asked", table.unpack (asked))
tell ("imported", table.unpack (imported))
tell ("said", table.unpack (said))
answers = { chords = "Am Q7x" }
run_action (generate)
tell ("refused", #imported, table.unpack (said))
save ()
close_session ()
quit ()
