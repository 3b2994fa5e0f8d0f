-- What Ardour's window has and its Lua host without a window has not: dialogs, the editor, and how it runs an action.
-- A name that is not in Ardour 7.3's own scripts is an error.

said, asked, imported, ticks = {}, {}, {}, 0
answers = {}
cancels_after = math.huge

local function strict (name, members)
	return setmetatable (members, {
		__index = function (_, key) error (name .. " has no " .. tostring (key), 2) end,
	})
end

local ROW_TYPES = { heading = true, entry = true, number = true, dropdown = true }

LuaDialog = strict ("LuaDialog", {
	MessageType = strict ("MessageType", { Info = 0, Warning = 1, Question = 2, Error = 3 }),
	ButtonType = strict ("ButtonType", { OK = 1, Close = 2, Cancel = 3, Yes_No = 4, OK_Cancel = 5 }),
	Response = strict ("Response", { OK = 0, Cancel = 1, Close = 2, Yes = 3, No = 4, None = -1 }),
	Message = function (title, text, kind, buttons)
		assert (title and kind and buttons)
		return strict ("Message", { run = function ()
			said[#said + 1] = text
			return LuaDialog.Response.OK
		end })
	end,
	Dialog = function (title, rows)
		assert (title)
		return strict ("Dialog", { run = function ()
			local values = {}
			for _, row in ipairs (rows) do
				assert (ROW_TYPES[row.type], row.type)
				assert (row.title)
				if row.type == "heading" then
					asked[#asked + 1] = row.title
				elseif row.type == "dropdown" then
					values[row.key] = assert (row.values[answers[row.key] or row.default])
				else
					values[row.key] = answers[row.key] or row.default
				end
			end
			return values
		end })
	end,
	ProgressWindow = function (title, can_cancel)
		assert (title and can_cancel)
		return strict ("ProgressWindow", {
			progress = function (_, fraction, text)
				assert (fraction >= 0 and fraction <= 1 and text)
				ticks = ticks + 1
			end,
			canceled = function () return ticks >= cancels_after end,
			done = function () end,
		})
	end,
})

Editing = strict ("Editing", { ImportDistinctFiles = "distinct", ImportAsRegion = "region" })

local function file_name (path) return path:match ("[^/]+$") end

Editor = strict ("Editor", {
	-- All tracks are selected.
	get_selection = function ()
		return { tracks = { routelist = function () return Session:get_tracks () end } }
	end,
	-- A window's Ardour copies the file into the session. Here it is there already, if it is: a further region of it comes.
	do_import = function (_, files, disposition, mode, quality, track_names, tempo, position, instrument, track, markers)
		assert (disposition == "distinct" and mode == "region" and quality and track_names and tempo and position)
		assert (instrument and track and markers == false)
		for path in files:iter () do
			imported[#imported + 1] = path
			for _, region in pairs (ARDOUR.RegionFactory.regions ():table ()) do
				if region:whole_file () and file_name (region:source (0):to_filesource ():path ()) == file_name (path) then
					ARDOUR.RegionFactory.clone_region (region, true, false)
					return
				end
			end
		end
	end,
})

-- Ardour keeps a script as the bytecode of its factory, and takes these from it.
function run_action (path)
	local file = assert (io.open (path))
	local text = file:read ("a")
	file:close ()
	said, asked, imported, ticks = {}, {}, {}, 0
	ardour = function (header) assert (header["type"] == "EditorAction" and header.name) end
	assert (load (text, "@" .. path)) ()
	local bytecode = string.dump (factory, true)
	factory, ardour = nil, nil
	dofile, require, package, debug, rawget, rawset, coroutine, os.exit, os.setlocale = nil
	load (bytecode) () ()
end

function tell (name, ...)
	print ("told\t" .. name .. "\t" .. table.concat ({ ... }, "\t"))
end

function go_to (sample)
	Session:request_locate (sample, false, ARDOUR.LocateTransportDisposition.MustStop,
		ARDOUR.TransportRequestSource.TRS_UI)
	for _ = 1, 400 do
		if Session:transport_sample () == sample then return end
		ARDOUR.LuaAPI.usleep (10000)
	end
	error ("the playhead did not go to " .. sample)
end

function save ()
	assert (Session:save_state ("", false, false, false, false, false) == 0)
end

function tell_regions ()
	for route in Session:get_tracks ():iter () do
		for region in route:to_track ():playlist ():region_list ():iter () do
			tell ("region", route:name (), region:position ():samples (), region:length ():samples ())
		end
	end
end
