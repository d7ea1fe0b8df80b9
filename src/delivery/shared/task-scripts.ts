import { script } from '../../redis/script';
import { COMING } from './coming-script';

/**
 * What a job has to do, and which events it has from now on.
 *
 * `KEYS`: lane, events, letters, gone, batches, apart, due, leaders, pool, the job's lock, move. `ARGV`:
 * id, lane, target, group, size, 1 if there was no try yet, time, what the keys of lanes begin with, lock
 * token, 1 if the breaker admits a request.
 *
 * - `go {events} {ids} {batch} {apart} {coming}`: the job's event is the first of its lane. With a
 *   size it takes others along, which is remembered, so that the webhook is the same in every try
 * - `hold`, `wait`: so it is, but its target wants nothing, or is away
 * - `letter`: it has been given up before
 * - `over`: it has been delivered before, or another instance has taken the job over
 * - `moved`: the outbox has left, or has not arrived
 *
 * The keys of the lanes of other events are made from their names, as BullMQ makes those of jobs;
 * they lie in the same slot.
 */
export const BEGIN = script(`
local events, batches, apart, due, leaders, pool =
  KEYS[2], KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]
local id, lane, group, size, lanes = ARGV[1], ARGV[2], ARGV[4], tonumber(ARGV[5]), ARGV[8]
${COMING}

if redis.call('EXISTS', KEYS[11]) == 1 then return {'moved'} end
if redis.call('GET', KEYS[10]) ~= ARGV[9] then return {'over'} end
if redis.call('LINDEX', KEYS[1], 0) ~= id then
  if redis.call('ZSCORE', KEYS[3], id) then return {'letter'} end
  return {'over'}
end
local mark = redis.call('HGET', apart, id) or ''
if mark == '' or not cjson.decode(mark).verdict then
  if redis.call('HEXISTS', KEYS[4], ARGV[3]) == 1 then return {'hold'} end
  if ARGV[10] == '0' then return {'wait'} end
end

local function sourceOf(some)
  local isRead, event = pcall(cjson.decode, redis.call('HGET', events, some))
  return isRead and event.instanceId
end

local function nextOfPool()
  while true do
    local entry = redis.call('LPOP', pool)
    if not entry then return end
    local some, its = string.match(entry, '^(%w+):(.+)$')
    if redis.call('LINDEX', lanes .. its, 0) == some then return some, its end
  end
end

local function gathered()
  local ids = {}
  local function add(first, its)
    ids[#ids + 1] = first
    if #ids == size then return end
    local more = redis.call('LRANGE', lanes .. its, 1, size - #ids)
    local source = #more > 0 and sourceOf(first)
    for _, some in ipairs(more) do
      if sourceOf(some) ~= source or redis.call('HEXISTS', apart, some) == 1 then return end
      ids[#ids + 1] = some
    end
  end
  add(id, lane)
  while #ids < size do
    local some, its = nextOfPool()
    if not some then break end
    add(some, its)
  end
  table.sort(ids, function(one, other)
    return tonumber(string.sub(one, 2)) < tonumber(string.sub(other, 2))
  end)
  return ids
end

local batch = redis.call('HGET', batches, id)
if not batch and size > 1 and ARGV[6] == '1' and mark == '' then
  batch = cjson.encode({ids = gathered(), at = ARGV[7], faults = 0})
  redis.call('HSET', batches, id, batch)
end
if redis.call('HGET', leaders, group) == id then
  redis.call('HDEL', leaders, group)
  local some, its = nextOfPool()
  if some then lead(some, its, redis.call('LLEN', pool) + 1) end
end

local ids = batch and cjson.decode(batch).ids or {id}
local texts = {}
for index, some in ipairs(ids) do texts[index] = redis.call('HGET', events, some) end
return {'go', texts, ids, batch or '', mark, coming()}
`);

/**
 * Ends the events of a job and lets the next ones of their lanes have their turn, unless another
 * instance has taken the job over. The same end may be told again when its answer was lost.
 *
 * `KEYS`: the job's lock, events, ids, waiting, due, letters, last letter, batches, apart, leaders,
 * pool, the lane of each event. `ARGV`: id, lock token, `dead` or `delivered`, group, size, poll
 * node; id, identity and lane of each event. Answers `LOST`, or the letter's number and `coming`.
 */
export const SETTLE = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[2] then return 'LOST' end
local events, due, apart, leaders, pool = KEYS[2], KEYS[5], KEYS[9], KEYS[10], KEYS[11]
local group, size = ARGV[4], tonumber(ARGV[5])
${COMING}

local freed = {}
for index = 12, #KEYS do
  local from = 7 + (index - 12) * 3
  local id, identity = ARGV[from], ARGV[from + 1]
  if redis.call('LINDEX', KEYS[index], 0) == id then
    redis.call('LPOP', KEYS[index])
    redis.call('HDEL', events, id)
    redis.call('HDEL', KEYS[3], identity)
    redis.call('ZREM', KEYS[4], id)
    redis.call('SREM', due, id)
    redis.call('HDEL', apart, id)
    freed[KEYS[index]] = true
    if ARGV[3] == 'dead' then
      redis.call('ZADD', KEYS[6], redis.call('INCR', KEYS[7]), id)
    end
  end
end
redis.call('HDEL', KEYS[8], ARGV[1])

local function mayShare(id)
  if redis.call('HEXISTS', apart, id) == 1 then return false end
  local isRead, event = pcall(cjson.decode, redis.call('HGET', events, id))
  return isRead and event.instanceId == ARGV[6]
end

local seen = {}
for index = 12, #KEYS do
  local lane = ARGV[7 + (index - 12) * 3 + 2]
  local following = not seen[lane] and redis.call('LINDEX', KEYS[index], 0)
  seen[lane] = true
  if following and freed[KEYS[index]] then
    if size > 1 and mayShare(following) then
      enter(following, lane, redis.call('LLEN', KEYS[index]))
    else
      give(following, lane, 0)
    end
  elseif following and redis.call('SISMEMBER', due, following) == 1 then
    give(following, lane, 0)
  end
end
return {tonumber(redis.call('ZSCORE', KEYS[6], ARGV[1]) or 0), coming()}
`);

/**
 * Takes a webhook apart: each of its events goes by itself from now on. Told again when its answer
 * was lost, it does no harm.
 *
 * `KEYS`: the job's lock, events, batches, apart, due, the lane of each event. `ARGV`: id, lock
 * token, what to note for the event of the job and for the others; id and lane of each event.
 * Answers `LOST`, or `coming`.
 */
export const TAKE_APART = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[2] then return 'LOST' end
local events, apart, due, leaders, pool, group, size = KEYS[2], KEYS[4], KEYS[5], '', '', '', 1
${COMING}
redis.call('HDEL', KEYS[3], ARGV[1])
for index = 6, #KEYS do
  local from = 5 + (index - 6) * 2
  local id, lane = ARGV[from], ARGV[from + 1]
  if redis.call('HEXISTS', events, id) == 1 then
    redis.call('HSET', apart, id, id == ARGV[1] and ARGV[3] or ARGV[4])
    if id ~= ARGV[1] and redis.call('LINDEX', KEYS[index], 0) == id then give(id, lane, 0) end
  end
end
return coming()
`);

/** Counts a fault of the receiver against a webhook. `KEYS`: lock, batches. `ARGV`: id, lock token. */
export const COUNT_FAULT = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[2] then return 'LOST' end
local batch = cjson.decode(redis.call('HGET', KEYS[2], ARGV[1]))
batch.faults = batch.faults + 1
redis.call('HSET', KEYS[2], ARGV[1], cjson.encode(batch))
return 'OK'
`);
