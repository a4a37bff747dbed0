-- Sends signed events, one after the other, from the file that $HEADERS names: signature, tab, body.
local events = {}
for line in io.lines(os.getenv("HEADERS")) do
  local signature, body = line:match("^(.-)\t(.*)$")
  events[#events + 1] = { signature, body }
end

local number = 0
function request()
  number = number % #events + 1
  return wrk.format("POST", nil, { ["Stripe-Signature"] = events[number][1] }, events[number][2])
end
