-- The session with the take among its sources: Place take, and Generate here in other bars. Arguments as for ask.lua.
dofile (arg[1] .. "/stand_ins.lua")
AudioEngine:set_backend ("None (Dummy)", "", "")
assert (load_session (arg[3], "session"))
assert (AudioEngine:start () == 0)
local generate = arg[2] .. "/msanii_generate_here.lua"

go_to (341419 + 20000)
run_action (arg[2] .. "/msanii_place_take.lua")
tell ("placed", #said, table.unpack (imported))

-- On bar lines: Ardour's sample of bar 9, and of bar 15 in 7/8.
local map = Temporal.TempoMap.read ()
for _, bar in ipairs ({ 9, 15, 12 }) do
	local line = map:sample_at_beats (map:quarters_at_bbt (Temporal.BBT_TIME (bar, 1, 0)))
	go_to (line)
	answers = { chords = "Am F", bars = 2 }
	run_action (generate)
	tell ("here", bar, line, asked[1], #said, said[1] or "")
end
map = nil

go_to (0)
answers = { chords = "wait" }
cancels_after = 4
run_action (generate)
tell ("cancelled", #imported, #said)
tell_regions ()
save ()
close_session ()
quit ()
