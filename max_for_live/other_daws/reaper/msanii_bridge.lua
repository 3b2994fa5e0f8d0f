-- What the Msanii actions share: they run `msanii-bridge`, wait for it without holding REAPER up, and place its takes.
-- REAPER's Lua has no sockets, so the actions use the command line, as a terminal would.

local msanii = {}

local SECTION = "msanii-bridge"
local WINDOWS = reaper.GetOS():match("^Win") ~= nil
local NOT_FOUND = { ["127"] = true, ["9009"] = true } -- of sh and cmd.exe

local function quoted(word)
  if WINDOWS then
    -- A batch file reads % even within quotes, and knows no quote within quotes.
    return '"' .. word:gsub('"', "'"):gsub("%%", "%%%%") .. '"'
  end
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read("a")
  file:close()
  return text
end

local function write(path, text)
  local file, why = io.open(path, "wb")
  if not file then
    reaper.MB("Cannot write " .. path .. ": " .. why, "Msanii", 0)
    return false
  end
  file:write(text)
  file:close()
  return true
end

local function script_of(words, files)
  local line = {}
  for _, word in ipairs(words) do line[#line + 1] = quoted(word) end
  local command = table.concat(line, " ") .. " >" .. quoted(files.out) .. " 2>" .. quoted(files.err)
  if WINDOWS then
    return "@chcp 65001 >nul\r\n@" .. command .. "\r\n@echo %errorlevel% >" .. quoted(files.code) .. "\r\n"
  end
  -- Programs that are started from the desktop do not know where pipx and Homebrew put commands.
  return 'PATH="$PATH:$HOME/.local/bin:/opt/homebrew/bin:/usr/local/bin"\n' .. command
    .. "\necho $? >" .. quoted(files.code) .. "\n"
end

local runs = 0

local function new_files()
  local folder = reaper.GetResourcePath() .. "/Data/msanii-bridge"
  reaper.RecursiveCreateDirectory(folder, 0)
  runs = runs + 1
  local base = string.format("%s/%d-%d", folder, math.floor(reaper.time_precise() * 1000), runs)
  return {
    script = base .. (WINDOWS and ".bat" or ".sh"), out = base .. ".out", err = base .. ".err", code = base .. ".code",
  }
end

local function command()
  local kept = reaper.GetExtState(SECTION, "command")
  return kept ~= "" and kept or "msanii-bridge"
end

local function ask_for_command()
  local ok, path = reaper.GetUserInputs(
    "Msanii: msanii-bridge was not found", 1, "Path of msanii-bridge,extrawidth=240", command()
  )
  if ok and path ~= "" then
    reaper.SetExtState(SECTION, "command", path, true)
    reaper.MB("Kept. Run the action again.", "Msanii", 0)
  end
end

-- Run `msanii-bridge WORDS` in the background; `done(text)` gets what it printed. Errors are shown.
function msanii.run(words, done)
  local files = new_files()
  table.insert(words, 1, command())
  if not write(files.script, script_of(words, files)) then return end
  local runner = WINDOWS and ("cmd.exe /C " .. quoted(files.script)) or ("/bin/sh " .. quoted(files.script))
  reaper.ExecProcess(runner, -2) -- in the background
  reaper.Help_Set("Msanii: working", false)
  local function look()
    local code = (read(files.code) or ""):match("^(%d+)%s*\n")
    if not code then
      reaper.defer(look)
      return
    end
    local text, problem = read(files.out) or "", read(files.err) or ""
    for _, path in pairs(files) do os.remove(path) end
    reaper.Help_Set("", false)
    if NOT_FOUND[code] then
      ask_for_command()
    elseif code ~= "0" then
      reaper.MB(problem ~= "" and problem or ("msanii-bridge ended with code " .. code), "Msanii", 0)
    else
      done(text)
    end
  end
  reaper.defer(look)
end

-- Put an audio file on a track; of a file that is longer than `length` (seconds), only that much plays.
function msanii.place(path, track, position, length, offset)
  local source = reaper.PCM_Source_CreateFromFile(path)
  if not source then
    reaper.MB("REAPER cannot read " .. path, "Msanii", 0)
    return nil
  end
  reaper.Undo_BeginBlock()
  local item = reaper.AddMediaItemToTrack(track)
  local take = reaper.AddTakeToMediaItem(item)
  reaper.SetMediaItemTake_Source(take, source)
  local whole = reaper.GetMediaSourceLength(source)
  reaper.SetMediaItemInfo_Value(item, "D_POSITION", position)
  reaper.SetMediaItemInfo_Value(item, "D_LENGTH", length or whole)
  reaper.SetMediaItemTakeInfo_Value(take, "D_STARTOFFS", offset or 0)
  reaper.GetSetMediaItemTakeInfo_String(take, "P_NAME", path:match("[^/\\]+$"), true)
  reaper.UpdateArrange()
  reaper.Undo_EndBlock("Msanii: place " .. path:match("[^/\\]+$"), -1)
  return item
end

-- The first selected track; without one, a new track at the end.
function msanii.track()
  local track = reaper.GetSelectedTrack(0, 0)
  if track then return track end
  local count = reaper.CountTracks(0)
  reaper.InsertTrackAtIndex(count, true)
  return reaper.GetTrack(0, count)
end

-- Ask for values by name; returns them, or nil if the user cancels. They are remembered for the next time.
function msanii.ask(title, names, defaults)
  local values = {}
  for place, name in ipairs(names) do
    local kept = reaper.HasExtState(SECTION, name) and reaper.GetExtState(SECTION, name)
    values[place] = kept or defaults[place]
  end
  local captions = table.concat(names, ",") .. ",extrawidth=160,separator=\n"
  local ok, answer = reaper.GetUserInputs(title, #names, captions, table.concat(values, "\n"))
  if not ok then return nil end
  local said, place = {}, 0
  for value in (answer .. "\n"):gmatch("(.-)\n") do
    place = place + 1
    if names[place] then
      said[names[place]] = value
      reaper.SetExtState(SECTION, names[place], value, true)
    end
  end
  return said
end

-- Tempo in quarter notes a minute, and the meter, at a time.
function msanii.tempo_at(seconds)
  local numerator, denominator = reaper.TimeMap_GetTimeSigAtTime(0, seconds)
  -- REAPER counts the beats of the meter here: eighths in 6/8.
  local bpm = reaper.TimeMap_GetDividedBpmAtTime(seconds) * 4 / denominator
  return bpm, math.floor(numerator), math.floor(denominator)
end

-- The time selection, or nil without one.
function msanii.selection()
  local first, last = reaper.GetSet_LoopTimeRange(false, false, 0, 0, false)
  if last > first then return first, last end
  return nil
end

local ESCAPES = { n = "\n", t = "\t", r = "\r", b = "\b", f = "\f", ["/"] = "/", ["\\"] = "\\", ['"'] = '"' }

-- A string as JSON writes it, read.
function msanii.from_json(text)
  local high
  return (text:gsub("\\(.)(%x?%x?%x?%x?)", function(kind, digits)
    if kind ~= "u" then return ESCAPES[kind] .. digits end
    local point = tonumber(digits, 16)
    if point >= 0xD800 and point < 0xDC00 then
      high = point
      return ""
    elseif high and point >= 0xDC00 and point < 0xE000 then
      point, high = 0x10000 + (high - 0xD800) * 0x400 + point - 0xDC00, nil
    end
    return utf8.char(point)
  end))
end

return msanii
