-- The newest take of the library, on the selected track at the edit cursor.

local folder = ({ reaper.get_action_context() })[2]:match("^(.*[/\\])")
local msanii = dofile(folder .. "msanii_bridge.lua")

local track, position = msanii.track(), reaper.GetCursorPosition()
msanii.run({ "takes", "--json" }, function(text)
  local newest, path = "", nil
  -- Each take has both, in this order and on lines of their own; audio that is no take has no time.
  for found, created in text:gmatch('"path": "([^\n]*)",\n.-"created": "([^"]*)"') do
    if created > newest then newest, path = created, msanii.from_json(found) end
  end
  if not path then
    reaper.MB("There is no take yet: generate one first.", "Msanii: Place newest take", 0)
    return
  end
  msanii.place(path, track, position)
end)
