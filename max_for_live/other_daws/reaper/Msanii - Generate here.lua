-- New music on the selected track: in the time selection, or at the edit cursor; at the project's tempo and meter there.

local folder = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
local msanii = dofile(folder .. "msanii_bridge.lua")

-- The bars of the time selection, in the meter at its start; "" without one.
local function selected_bars(first, last, numerator, denominator)
  local quarters = reaper.TimeMap2_timeToQN(0, last) - reaper.TimeMap2_timeToQN(0, first)
  return math.max(1, math.floor(quarters / (4 * numerator / denominator) + 0.5))
end

local first, last = msanii.selection()
local position = first or reaper.GetCursorPosition()
local bpm, numerator, denominator = msanii.tempo_at(position)
local names = { "Chords (Am F C G)", "Part (keys lead pad bass drums)", "Sound" }
local defaults = { "Am F C G", "keys", "" }
if not first then
  names[#names + 1], defaults[#defaults + 1] = "Bars", "4"
end
local said = msanii.ask("Msanii: Generate here", names, defaults)
if not said then return end

local bars = first and selected_bars(first, last, numerator, denominator) or said["Bars"]
local words = {
  "generate", "--bpm", string.format("%.6g", bpm), "--meter", numerator .. "/" .. denominator,
  "--bars", tostring(bars), "--count", "1",
}
for option, name in pairs({ ["--chords"] = names[1], ["--part"] = names[2], ["--sound"] = names[3] }) do
  if said[name] ~= "" then
    words[#words + 1], words[#words + 2] = option, said[name]
  end
end
local track = msanii.track()
msanii.run(words, function(text)
  for path in text:gmatch("[^\r\n]+") do msanii.place(path, track, position) end
end)
