-- Takes from a minute's budget and counts against the abuse ceiling, in one step.
--
-- KEYS[1]  the hash of one workspace or address: its window, and by field what was used in that window
-- ARGV     1 budget field, 2 limit, 3 cost (0: only look), 4 ceiling field, 5 ceiling (0: do not count),
--          6 debt: what the caller admitted on its own while Redis was away, 7 the window in which it did
-- Returns  window, seconds left in it, verdict (0 admitted, 1 spent, 2 abused), used
local second = tonumber(redis.call('TIME')[1])
local window = math.floor(second / 60)
local state = redis.call('HMGET', KEYS[1], 'window', ARGV[1], ARGV[4])
local seen = tonumber(state[1]) or -1
local used, counted = tonumber(state[2]) or 0, tonumber(state[3]) or 0

if seen > window then
  -- A replica took over whose clock is behind: the window that has begun goes on.
  window = seen
elseif seen < window then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'window', window)
  redis.call('EXPIRE', KEYS[1], 120)
  used, counted = 0, 0
end

local limit, cost, ceiling = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[5])
local debt = 0
if tonumber(ARGV[7]) == window then
  debt = tonumber(ARGV[6])
end
local verdict, before = 0, used
used = used + debt

if ceiling > 0 then
  counted = counted + 1
  redis.call('HSET', KEYS[1], ARGV[4], counted)
end
if ceiling > 0 and counted > ceiling then
  verdict = 2
elseif cost > 0 and used + cost > limit then
  verdict = 1
else
  used = used + cost
end
if used ~= before then
  redis.call('HSET', KEYS[1], ARGV[1], used)
end
return {window, (window + 1) * 60 - second, verdict, used}
