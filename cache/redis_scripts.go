package cache

import "github.com/redis/go-redis/v9"

// The scripts. Numbers of generations come from the server's clock, so that no instance's clock
// matters, and one that was lost is made anew above every older one.
const (
	luaNow = `
local function now() local t = redis.call('TIME'); return t[1] * 1000000 + t[2] end
local function text(n) return string.format('%.0f', n) end
`
	// ensure: KEYS generations; ARGV life of tags in ms, then each one's lowest number. Returns them.
	luaEnsure = luaNow + `
local function ensure(keys, life, floors)
  local out = {}
  for i, k in ipairs(keys) do
    local s, floor = redis.call('GET', k), tonumber(floors[i])
    local cur = s and tonumber(string.match(s, '^%d+'))
    if not cur or cur < floor then
      cur = math.max(now(), floor + 1)
      s = text(cur) .. ' ' .. text(cur) .. ' ' .. text(cur) .. ' \n' .. (floor > 0 and 'its generation was lost' or '')
      if string.find(k, '!tag:', 1, true) then redis.call('SET', k, s, 'PX', life) else redis.call('SET', k, s) end
    elseif string.find(k, '!tag:', 1, true) then
      local left = redis.call('PTTL', k)
      if left >= 0 and left < life / 2 then redis.call('PEXPIRE', k, life) end
    end
    out[i] = s
  end
  return out
end
local function stamp(gens)
  local t = {}
  for i, s in ipairs(gens) do t[i] = string.match(s, '^%d+') end
  return table.concat(t, ',')
end
`
	// tell counts an invalidation in its sequence, tells all instances, and returns who lives. A server too full to
	// count still tells.
	luaTell = luaNow + `
local function tell(counter, instances, cur, hard, from)
  local seq = redis.pcall('INCR', counter)
  if type(seq) ~= 'number' then seq = 0 end
  redis.call('PUBLISH', ARGV[1], text(seq) .. ' ' .. text(cur) .. ' ' .. text(hard) .. ' ' .. text(from) .. ' ' .. ARGV[2])
  local out = {text(seq), text(cur), text(hard), text(from)}
  if instances then
    for _, id in ipairs(redis.call('ZRANGEBYSCORE', instances, math.floor(now() / 1000) - ARGV[3], '+inf')) do
      out[#out + 1] = id
    end
  end
  return out
end
`
)

var (
	// scriptEnsure is ensure alone, for the slot of what concerns all on a cluster.
	scriptEnsure = redis.NewScript(luaEnsure + `
return ensure(KEYS, tonumber(ARGV[1]), {unpack(ARGV, 2)})`)

	// scriptAcquire: KEYS value, lease, generations in this slot; ARGV id, lease ms, seen, life, stamp of the
	// generations in another slot, floors. A lease under older generations is worth nothing: what
	// its owner makes is outdated already. Whoever doesn't get the lease leaves a mark on it, so that its owner
	// wakes them. Returns {won, value, generations…}.
	scriptAcquire = redis.NewScript(luaEnsure + `
local keys = {unpack(KEYS, 3)}
local gens = ensure(keys, tonumber(ARGV[4]), {unpack(ARGV, 6)})
local v = redis.call('GET', KEYS[1])
if v and string.sub(v, 5, 12) ~= ARGV[3] then return {0, v, unpack(gens)} end
local mine = ARGV[1] .. ARGV[5] .. ',' .. stamp(gens)
local l = redis.call('GET', KEYS[2])
if l and string.sub(l, 17, #mine) == string.sub(mine, 17) then
  if string.sub(l, -1) ~= 'w' then redis.call('APPEND', KEYS[2], 'w') end
  return {0, v or '', unpack(gens)}
end
redis.call('SET', KEYS[2], mine, 'PX', ARGV[2])
return {1, v or '', unpack(gens)}`)

	// scriptRenew: KEYS lease; ARGV id, lease ms.
	scriptRenew = redis.NewScript(`
local l = redis.call('GET', KEYS[1])
if not l or string.sub(l, 1, 16) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`)

	// scriptFill: KEYS lease, value; ARGV id, channel, notice, value, its life in ms. Without a KEYS[2] it
	// only gives the lease back.
	scriptFill = redis.NewScript(`
local l = redis.call('GET', KEYS[1])
if not l or string.sub(l, 1, 16) ~= ARGV[1] then return 0 end
if KEYS[2] then redis.call('SET', KEYS[2], ARGV[4], 'PX', ARGV[5]) end
redis.call('DEL', KEYS[1])
if string.sub(l, -1) == 'w' then redis.call('PUBLISH', ARGV[2], ARGV[3]) end
return 1`)

	// scriptForget: KEYS sequence, value, lease, [instances]; ARGV channel, notice, how old a sign of life may be
	// in ms, soft, tomb, its life in ms. Softly invalidated, the value says so of itself; else a tomb says what
	// became of it, if there is room for one. Returns {sequence, 0, 0, 0, who lives…}.
	scriptForget = redis.NewScript(luaTell + `
redis.call('DEL', KEYS[3])
if redis.call('EXISTS', KEYS[2]) == 1 then
  if ARGV[4] == '1' then
    redis.call('SETRANGE', KEYS[2], 3, '\1')
  else
    redis.call('DEL', KEYS[2])
    redis.pcall('SET', KEYS[2], ARGV[5], 'PX', ARGV[6])
  end
end
return tell(KEYS[1], KEYS[4], 0, 0, 0)`)

	// scriptBump: KEYS sequence, generation, how to take it back, [instances]; ARGV channel, notice, how old a sign of
	// life may be in ms, soft, floor, "by\nwhy", life in ms or 0, for how long it may be taken back in ms or 0. A server
	// too full to hold the new generation loses the old one, which outdates the values as well.
	// Returns {sequence, cur, hard, from, who lives…}.
	scriptBump = redis.NewScript(luaTell + `
local s = redis.call('GET', KEYS[2]) or ''
local cur, hard = string.match(s, '^(%d+) (%d+)')
local new = math.max(now(), (tonumber(cur) or 0) + 1, tonumber(ARGV[5]) + 1)
hard = ARGV[4] == '1' and tonumber(hard) or new
local set = {'SET', KEYS[2], text(new) .. ' ' .. text(hard) .. ' ' .. text(new) .. ' ' .. ARGV[6]}
if ARGV[7] ~= '0' then
  set[4], set[5] = 'PX', math.max(redis.call('PTTL', KEYS[2]), tonumber(ARGV[7]))
end
if redis.pcall(unpack(set)).err then redis.call('DEL', KEYS[2]) end
if ARGV[8] ~= '0' and cur then redis.pcall('SET', KEYS[3], text(new) .. ' ' .. s, 'PX', ARGV[8]) end
return tell(KEYS[1], KEYS[4], new, hard, new)`)

	// scriptUndo: KEYS sequence, generation, how to take it back, [instances]; ARGV channel, notice, how old a sign of
	// life may be in ms, the number of the flush, floor, "by\nwhy". Returns what scriptBump does, or {} where it can't be
	// taken back: it is too late, or another flush came after it.
	scriptUndo = redis.NewScript(luaTell + `
local of, hard, from = string.match(redis.call('GET', KEYS[3]) or '', '^(%d+) %d+ (%d+) (%d+)')
local cur = string.match(redis.call('GET', KEYS[2]) or '', '^%d+')
if not of or of ~= ARGV[4] or of ~= cur then return {} end
local new = math.max(now(), tonumber(cur) + 1, tonumber(ARGV[5]) + 1)
redis.call('SET', KEYS[2], text(new) .. ' ' .. hard .. ' ' .. from .. ' ' .. ARGV[6])
redis.call('DEL', KEYS[3])
return tell(KEYS[1], KEYS[4], new, tonumber(hard), tonumber(from))`)

	// scriptEnrol: KEYS instances; ARGV id, '1' alive or '0', for how long to remember in ms.
	scriptEnrol = redis.NewScript(luaNow + `
if ARGV[2] == '0' then return redis.call('ZREM', KEYS[1], ARGV[1]) end
local ms = math.floor(now() / 1000)
redis.call('ZADD', KEYS[1], ms, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ms - ARGV[3])
return redis.call('PEXPIRE', KEYS[1], ARGV[3])`)
)
