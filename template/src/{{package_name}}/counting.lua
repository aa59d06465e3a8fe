-- Counts a request under each key, in windows of ARGV seconds; the counts, and what is left of them.
local found = {}
for number, key in ipairs(KEYS) do
  local hits = redis.call("INCR", key)
  if hits == 1 then redis.call("EXPIRE", key, ARGV[number]) end
  found[2 * number - 1], found[2 * number] = hits, redis.call("TTL", key)
end
return found
