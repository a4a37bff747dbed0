-- Sends each request with the next line of the file that HEADERS names, as if many customers called.
local lines = {}
for line in io.lines(os.getenv("HEADERS")) do
  local name, value = line:match("^(.-): (.*)$")
  lines[#lines + 1] = { [name] = value }
end
local turn = 0
request = function()
  turn = turn % #lines + 1
  return wrk.format("GET", nil, lines[turn])
end
