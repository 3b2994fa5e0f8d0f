ardour {
	["type"]    = "EditorAction",
	name        = "Msanii: Generate here",
	license     = "MIT",
	author      = "Msanii",
	description = [[Ask msanii-bridge for music in the tempo and meter at the playhead, and place it on the selected audio track, at the playhead's bar]]
}

function factory () return function ()
	-- The same in all of Msanii's scripts: begin. Ardour keeps only what is inside of `factory`.
	local FOLDERS = "$HOME/.local/bin:/opt/homebrew/bin:/usr/local/bin"
	local NOT_FOUND = 127 -- exit code of a shell

	local function say (sentence, kind, buttons)
		local message = LuaDialog.Message ("Msanii", sentence, kind or LuaDialog.MessageType.Error,
			buttons or LuaDialog.ButtonType.Close)
		return message:run ()
	end

	local function agrees (sentence)
		local answer = say (sentence, LuaDialog.MessageType.Question, LuaDialog.ButtonType.OK_Cancel)
		return answer == LuaDialog.Response.OK
	end

	local function quoted (word)
		return "'" .. word:gsub ("'", "'\\''") .. "'"
	end

	local function content (path)
		local file = io.open (path, "r")
		if not file then return "" end
		local text = file:read ("a")
		file:close ()
		return text
	end

	-- A number as the command line reads it, whatever the decimal sign of this machine.
	local function written (number)
		local text = string.format ("%.4f", number):gsub (",", ".")
		return (text:gsub ("0+$", ""):gsub ("%.$", ""))
	end

	-- Runs msanii-bridge while Ardour's windows stay alive. Returns what it printed, or nil once the musician
	-- was told why there is nothing, or cancelled.
	local function ask_bridge (arguments, what)
		if os.getenv ("OS") == "Windows_NT" then
			say ("These scripts start msanii-bridge by a shell that Windows does not have. There, use "
				.. "msanii-bridge serve --drop-folder FOLDER, and drag takes from that folder into Ardour.")
			return nil
		end
		local base = os.tmpname ()
		local words = {}
		for _, argument in ipairs (arguments) do
			words[#words + 1] = quoted (argument)
		end
		local program = os.getenv ("MSANII_BRIDGE") or "msanii-bridge"
		local command = "echo $$ >" .. quoted (base .. ".pid") .. "; exec " .. quoted (program) .. " "
			.. table.concat (words, " ")
		-- Ardour's own libraries are not for Python.
		local shell = io.popen ("unset LD_LIBRARY_PATH; PATH=\"$PATH:" .. FOLDERS .. "\"; export PATH; sh -c "
			.. quoted (command) .. " >" .. quoted (base .. ".out") .. " 2>" .. quoted (base .. ".err")
			.. " </dev/null; echo $? >" .. quoted (base .. ".code"), "r")
		local window = LuaDialog.ProgressWindow ("Msanii", true)
		local ticks, cancelled_at, code = 0, nil, nil
		repeat
			ARDOUR.LuaAPI.usleep (50000)
			ticks = ticks + 1
			window:progress (0, string.format ("%s, %d s", what, ticks // 20))
			local pid = content (base .. ".pid"):match ("%d+")
			if window:canceled () and pid then
				if not cancelled_at then
					cancelled_at = ticks
					os.execute ("kill -INT " .. pid)
				elseif ticks == cancelled_at + 200 then
					os.execute ("kill -KILL " .. pid)
				end
			end
			code = tonumber (content (base .. ".code"):match ("%d+"))
		until code
		shell:close ()
		window:done ()
		local printed, errors = content (base .. ".out"), content (base .. ".err")
		for _, ending in ipairs ({ "", ".pid", ".out", ".err", ".code" }) do
			os.remove (base .. ending)
		end
		if cancelled_at then return nil end
		if code == NOT_FOUND then
			say ("Ardour does not find `" .. program .. "`. Install it, or link it "
				.. "into ~/.local/bin, or start Ardour with MSANII_BRIDGE set to its full path.")
			return nil
		end
		if code ~= 0 then
			local reason = errors:gsub ("\27%[[%d;]*%a", ""):match ("^%s*(.-)%s*$")
			say (reason ~= "" and reason or "msanii-bridge ended with code " .. code
				.. " and said nothing; run msanii-bridge doctor in a terminal.")
			return nil
		end
		return printed
	end

	-- The bar of the playhead: its number and first sample, meter and tempo in quarter notes a minute.
	local function bar_of_playhead ()
		local map = Temporal.TempoMap.read ()
		-- A playhead on a bar line can be up to a sample before it: look a millisecond later.
		local later = math.floor (Session:nominal_sample_rate () / 1000)
		local number = map:bbt_at (Temporal.timepos_t (Session:transport_sample () + later)).bars
		local function line (bar)
			return map:sample_at_beats (map:quarters_at_bbt (Temporal.BBT_TIME (bar, 1, 0)))
		end
		local start = line (number)
		local inside = Temporal.timepos_t (start + later)
		local meter = map:meter_at (inside)
		return {
			number = number,
			start = start,
			bpm = map:quarters_per_minute_at (inside),
			numerator = math.floor (meter:divisions_per_bar ()),
			denominator = math.floor (meter:note_value ()),
			samples_to = function (bars) return line (number + bars) - start end,
		}
	end

	-- The selected audio track; a new stereo track if none is selected.
	local function track_for (name)
		for route in Editor:get_selection ().tracks:routelist ():iter () do
			local track = route:to_track ()
			if not track:isnil () and track:playlist ():data_type ():to_string () == "audio" then
				return track
			end
		end
		return Session:new_audio_track (2, 2, nil, 1, name, ARDOUR.PresentationInfo.max_order,
			ARDOUR.TrackMode.Normal, true):front ():to_track ()
	end

	local function all_regions ()
		local found = {}
		for id, region in pairs (ARDOUR.RegionFactory.regions ():table ()) do
			found[id:to_s ()] = region
		end
		return found
	end

	-- Copies a file into the session; returns its region, or nil.
	local function import (path)
		local before = all_regions ()
		local files = C.StringVector ()
		files:push_back (path)
		Editor:do_import (files, Editing.ImportDistinctFiles, Editing.ImportAsRegion,
			ARDOUR.SrcQuality.SrcBest, ARDOUR.MidiTrackNameSource.SMFTrackName,
			ARDOUR.MidiTempoMapDisposition.SMFTempoIgnore, Temporal.timepos_t (0), ARDOUR.PluginInfo (),
			ARDOUR.Track (), false)
		for id, region in pairs (all_regions ()) do
			if not before[id] then return region end
		end
		return nil
	end

	-- Puts a copy of the region on the track, as one step to undo.
	local function place (track, region, sample)
		local playlist = track:playlist ()
		Session:begin_reversible_command ("Msanii")
		playlist:to_stateful ():clear_changes ()
		local copy = ARDOUR.RegionFactory.clone_region (region, true, false)
		-- Ardour counts up the number after a name's last dot, which may be a part of the tempo.
		copy:set_name (region:name ())
		playlist:add_region (copy, Temporal.timepos_t (sample), 1, false)
		Session:add_stateful_diff_command (playlist:to_statefuldestructible ())
		if not Session:abort_empty_reversible_command () then
			Session:commit_reversible_command (nil)
		end
	end

	local function import_and_place (path, bar, name)
		local region = import (path)
		if region then
			place (track_for (name), region, bar.start)
		else
			say ("Ardour did not import `" .. path .. "`. The take is there: use Session > Import.")
		end
	end
	-- The same in all of Msanii's scripts: end.

	local bar = bar_of_playhead ()
	local asked = LuaDialog.Dialog ("Msanii: Generate here", {
		{ type = "heading", title = string.format ("From bar %d, at %s bpm in %d/%d", bar.number,
			written (bar.bpm), bar.numerator, bar.denominator), align = "left" },
		{ type = "entry", key = "chords", title = "Chords, one per bar", default = "Am F C G" },
		{ type = "number", key = "bars", title = "Bars", min = 1, max = 64, step = 1, digits = 0, default = 4 },
		{ type = "dropdown", key = "part", title = "Part", default = "any", values = {
			["any"] = "", ["keys"] = "keys", ["lead"] = "lead", ["pad"] = "pad", ["bass"] = "bass",
			["drums"] = "drums", ["mix"] = "mix",
		} },
		{ type = "entry", key = "sound", title = "Sound, such as electric piano", default = "" },
	}):run ()
	if not asked then return end

	local rate, bars = math.floor (Session:nominal_sample_rate ()), math.floor (asked["bars"])
	local samples = bars * bar.numerator * 4 / bar.denominator * 60 / bar.bpm * rate
	if math.abs (samples - bar.samples_to (bars)) > rate / 1000 and not agrees (string.format (
		"Tempo or meter change in the %d bars from bar %d on. The take keeps those of bar %d.", bars, bar.number,
		bar.number)) then
		return
	end

	local arguments = { "generate", "--bpm", written (bar.bpm), "--meter",
		bar.numerator .. "/" .. bar.denominator, "--bars", tostring (bars), "--count", "1" }
	-- Ardour converts takes in sessions of other rates.
	if rate == 44100 or rate == 48000 or rate == 88200 or rate == 96000 then
		arguments[#arguments + 1] = "--rate"
		arguments[#arguments + 1] = tostring (rate)
	end
	for _, key in ipairs ({ "chords", "part", "sound" }) do
		if asked[key] ~= "" then
			arguments[#arguments + 1] = "--" .. key
			arguments[#arguments + 1] = asked[key]
		end
	end
	local printed = ask_bridge (arguments, "Rendering")
	if not printed then return end
	local path = printed:match ("[^\r\n]+")
	if path then
		import_and_place (path, bar, asked["part"] ~= "" and asked["part"] or "Msanii")
	else
		say ("msanii-bridge named no take. Run msanii-bridge takes in a terminal to see whether there is one.")
	end
end end
