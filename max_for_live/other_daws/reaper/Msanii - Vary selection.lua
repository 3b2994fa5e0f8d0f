-- A variation of the selected audio item, on a new track below it, at the same place and of the same length.

local folder = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
local msanii = dofile(folder .. "msanii_bridge.lua")

local item = reaper.GetSelectedMediaItem(0, 0)
local take = item and reaper.GetActiveTake(item)
if not take or reaper.TakeIsMIDI(take) then
  reaper.MB("Select an audio item first.", "Msanii: Vary selection", 0)
  return
end
local path = reaper.GetMediaSourceFileName(reaper.GetMediaItemTake_Source(take))
if path == "" then
  reaper.MB("This item is a section or a part of another file: glue it first.", "Msanii: Vary selection", 0)
  return
end
local said = msanii.ask("Msanii: Vary selection", { "Strength (0 to 1)" }, { "0.5" })
if not said then return end

local position = reaper.GetMediaItemInfo_Value(item, "D_POSITION")
local length = reaper.GetMediaItemInfo_Value(item, "D_LENGTH")
local offset = reaper.GetMediaItemTakeInfo_Value(take, "D_STARTOFFS")
local above = math.floor(reaper.GetMediaTrackInfo_Value(reaper.GetMediaItem_Track(item), "IP_TRACKNUMBER"))
msanii.run({ "vary", path, "--strength", said["Strength (0 to 1)"], "--count", "1" }, function(text)
  local made = text:match("[^\r\n]+")
  if not made then return end
  reaper.InsertTrackAtIndex(above, true)
  msanii.place(made, reaper.GetTrack(0, above), position, length, offset)
end)
