-- Gives back what a failed request took, if its window is still the present one.
--
-- KEYS[1] the hash, ARGV 1 budget field, 2 the window in which it was taken, 3 how much
-- Returns what is used now, or -1 when the window is over.
if redis.call('HGET', KEYS[1], 'window') ~= ARGV[2] then
  return -1
end
local used = redis.call('HINCRBY', KEYS[1], ARGV[1], -tonumber(ARGV[3]))
if used < 0 then
  redis.call('HSET', KEYS[1], ARGV[1], 0)
  used = 0
end
return used
