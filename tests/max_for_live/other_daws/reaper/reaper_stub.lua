-- A stand-in for REAPER's API as its reference has it: functions that an action may call, with the types of their
-- arguments; anything else is an error. Run as: lua5.4 reaper_stub.lua ACTION SCENE, where SCENE is a Lua file that
-- returns the project. Prints what the action did, a line each.

local action, scene_path = arg[1], arg[2]
local scene = dofile(scene_path)
local tracks, inputs, boxes, deferred = scene.tracks, scene.inputs, {}, {}
local ext = scene.ext or {}

local function say(...)
  local words = { ... }
  for place, word in ipairs(words) do
    words[place] = math.type(word) == "float" and string.format("%.6f", word) or tostring(word)
  end
  print(table.concat(words, "\t"))
end

local function kind_of(value)
  if type(value) == "table" then return value.kind end
  return math.type(value) == "integer" and "integer" or type(value)
end

-- Each function: the types of its arguments, then what it does. "number" takes integers too.
local API = {
  GetOS = { {}, function() return "Other" end },
  GetResourcePath = { {}, function() return scene.resources end },
  RecursiveCreateDirectory = { { "string", "integer" }, function(path)
    os.execute("mkdir -p '" .. path:gsub("'", "'\\''") .. "'")
    return 1
  end },
  time_precise = { {}, function() return os.time() + 0.125 end },
  get_action_context = { {}, function() return true, action, 0, 0, 0, 0, 0 end },
  ExecProcess = { { "string", "integer" }, function(command, wait)
    assert(wait == -2, "an action must not hold REAPER up")
    os.execute(command .. " &")
    return "0\n"
  end },
  Help_Set = { { "string", "boolean" }, function() end },
  defer = { { "function" }, function(call) deferred[#deferred + 1] = call end },
  MB = { { "string", "string", "integer" }, function(text) boxes[#boxes + 1] = text say("box", text) return 1 end },
  GetExtState = { { "string", "string" }, function(section, key) return ext[section .. "/" .. key] or "" end },
  HasExtState = { { "string", "string" }, function(section, key) return ext[section .. "/" .. key] ~= nil end },
  SetExtState = { { "string", "string", "string", "boolean" }, function(section, key, value)
    ext[section .. "/" .. key] = value
    say("kept", key, value)
  end },
  GetUserInputs = { { "string", "integer", "string", "string" }, function(title, count, captions, values)
    say("asked", title, count, (values:gsub("\n", "|")))
    local answer = table.remove(inputs, 1)
    if not answer then return false, "" end
    return true, answer
  end },
  PCM_Source_CreateFromFile = { { "string" }, function(path)
    local file = io.open(path, "rb")
    if not file then return nil end
    local head = file:read("a")
    file:close()
    local rate = string.unpack("<I4", head, 25)
    local at = 13
    while head:sub(at, at + 3) ~= "data" do at = at + 8 + string.unpack("<I4", head, at + 4) + (string.unpack("<I4", head, at + 4) & 1) end
    local frame = string.unpack("<I2", head, 33)
    return { kind = "source", path = path, seconds = string.unpack("<I4", head, at + 4) / frame / rate }
  end },
  GetMediaSourceLength = { { "source" }, function(source) return source.seconds, false end },
  GetMediaSourceFileName = { { "source" }, function(source) return source.path end },
  AddMediaItemToTrack = { { "track" }, function(track)
    local item = { kind = "item", track = track, values = { D_POSITION = 0.0, D_LENGTH = 0.0 } }
    table.insert(track.items, item)
    return item
  end },
  AddTakeToMediaItem = { { "item" }, function(item)
    item.take = { kind = "take", item = item, values = { D_STARTOFFS = 0.0 } }
    return item.take
  end },
  SetMediaItemTake_Source = { { "take", "source" }, function(take, source) take.source = source return true end },
  GetMediaItemTake_Source = { { "take" }, function(take) return take.source end },
  GetActiveTake = { { "item" }, function(item) return item.take end },
  TakeIsMIDI = { { "take" }, function(take) return take.midi or false end },
  GetMediaItem_Track = { { "item" }, function(item) return item.track end },
  GetMediaItemInfo_Value = { { "item", "string" }, function(item, name) return assert(item.values[name], name) end },
  SetMediaItemInfo_Value = { { "item", "string", "number" }, function(item, name, value)
    assert(item.values[name], name)
    item.values[name] = value + 0.0
    return true
  end },
  GetMediaItemTakeInfo_Value = { { "take", "string" }, function(take, name) return assert(take.values[name], name) end },
  SetMediaItemTakeInfo_Value = { { "take", "string", "number" }, function(take, name, value)
    assert(take.values[name], name)
    take.values[name] = value + 0.0
    return true
  end },
  GetSetMediaItemTakeInfo_String = { { "take", "string", "string", "boolean" }, function(take, name, value)
    assert(name == "P_NAME")
    take.name = value
    return true, value
  end },
  GetMediaTrackInfo_Value = { { "track", "string" }, function(track, name)
    assert(name == "IP_TRACKNUMBER")
    for place, one in ipairs(tracks) do if one == track then return place + 0.0 end end
    return 0.0
  end },
  CountTracks = { { "integer" }, function() return #tracks end },
  GetTrack = { { "integer", "integer" }, function(_, place) return tracks[place + 1] end },
  InsertTrackAtIndex = { { "integer", "boolean" }, function(place)
    table.insert(tracks, place + 1, { kind = "track", name = "new", items = {} })
  end },
  GetSelectedTrack = { { "integer", "integer" }, function(_, place) return place == 0 and scene.selected_track or nil end },
  GetSelectedMediaItem = { { "integer", "integer" }, function(_, place) return place == 0 and scene.selected_item or nil end },
  GetCursorPosition = { {}, function() return scene.cursor end },
  GetSet_LoopTimeRange = { { "boolean", "boolean", "number", "number", "boolean" }, function(set)
    assert(not set)
    return scene.selection[1], scene.selection[2]
  end },
  TimeMap_GetTimeSigAtTime = { { "integer", "number" }, function() return scene.meter[1], scene.meter[2], scene.bpm end },
  TimeMap_GetDividedBpmAtTime = { { "number" }, function() return scene.bpm * scene.meter[2] / 4 end },
  TimeMap2_timeToQN = { { "integer", "number" }, function(_, seconds) return seconds * scene.bpm / 60 end },
  UpdateArrange = { {}, function() end },
  Undo_BeginBlock = { {}, function() scene.undo = true end },
  Undo_EndBlock = { { "string", "integer" }, function(what) assert(scene.undo) say("undo", what) end },
}

reaper = setmetatable({}, {
  __index = function(_, name)
    local entry = API[name]
    if not entry then error("REAPER has no function " .. tostring(name), 2) end
    return function(...)
      local given = table.pack(...)
      assert(given.n == #entry[1], name .. " takes " .. #entry[1] .. " arguments, got " .. given.n)
      for place, wanted in ipairs(entry[1]) do
        local got = kind_of(given[place])
        local fits = got == wanted or (wanted == "number" and got == "integer")
        assert(fits, name .. ": argument " .. place .. " is " .. tostring(got) .. ", expected " .. wanted)
      end
      return entry[2](...)
    end
  end,
})

dofile(action)
local turns = 0
while #deferred > 0 do
  local now = deferred
  deferred = {}
  for _, call in ipairs(now) do call() end
  turns = turns + 1
  if #deferred > 0 then os.execute("sleep 0.05") end
  assert(turns < 6000, "the action never ended")
end
for place, track in ipairs(tracks) do
  for _, item in ipairs(track.items) do
    say("item", place, item.values.D_POSITION, item.values.D_LENGTH, item.take.values.D_STARTOFFS, item.take.name or "", item.take.source.path)
  end
end
