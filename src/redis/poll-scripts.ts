import { FENCED } from './fence';
import { script } from './script';

/** The keys as all scripts of the poll store get them, after the lease. */
const NAMES = `
local meta, journal, events, seen, seenUntil = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local versions, ages, known = KEYS[7], KEYS[8], KEYS[9]
`;

/** Arguments come as lists, each behind the number of its items; an item may have several. */
const LISTS = `
local at = 3
local function next()
  local value = ARGV[at]
  at = at + 1
  return value
end
local function each(take)
  for _ = 1, tonumber(next()) do take() end
end
`;

export const JOURNAL_ENTRY = `
local function entry()
  local key = next()
  redis.call('ZADD', journal, 0, key)
  redis.call('HSET', events, key, next())
end
`;

/** An id with its versions and the earliest date until which one is needed; nothing: for ever. */
export const SEEN_ENTRY = `
local function see()
  local id, list, ends = next(), next(), next()
  if list == '' then redis.call('HDEL', seen, id) else redis.call('HSET', seen, id, list) end
  if ends == '' then redis.call('ZREM', seenUntil, id) else redis.call('ZADD', seenUntil, ends, id) end
end
`;

/** A script of the poll store: with the fence in front, and what the parts above define. */
export function fenced(lua: string) {
  return script(`${FENCED}${NAMES}${LISTS}${lua}\nreturn 'OK'`);
}

/**
 * Journals changes, remembers them and sets the state, all at once.
 *
 * Arguments: state, the most versions to keep; lists of `key message`, `id versions until`, known
 * ids, and `id record`.
 */
export const APPEND = fenced(`
${JOURNAL_ENTRY}${SEEN_ENTRY}
local state, most = next(), tonumber(next())
each(entry)
each(see)
local listing = redis.call('HGET', meta, 'listing') or 0
each(function() redis.call('ZADD', known, listing, next()) end)
local kept = 0
each(function()
  local id = next()
  redis.call('HSET', versions, id, next())
  redis.call('ZADD', ages, redis.call('HINCRBY', meta, 'age', 1), id)
  kept = kept + 1
end)
local excess = kept > 0 and redis.call('ZCARD', ages) - most or 0
if excess > 0 then
  local oldest = redis.call('ZPOPMIN', ages, excess)
  for index = 1, #oldest, 2 do redis.call('HDEL', versions, oldest[index]) end
end
redis.call('HSET', meta, 'state', state)
`);

/** A list of keys. */
export const STRIKE_OFF = fenced(`
each(function()
  local key = next()
  redis.call('ZREM', journal, key)
  redis.call('HDEL', events, key)
end)
`);

/** A list of `id versions until`; no versions: forgotten. */
export const SEE = fenced(`${SEEN_ENTRY}\neach(see)`);

/** The new state. */
export const RESTART = fenced(`
redis.call('UNLINK', journal, events, seen, seenUntil, versions, ages)
redis.call('HDEL', meta, 'move')
redis.call('HSET', meta, 'state', next())
`);

/** The time; it is kept the first time only. Answers what is kept. */
export const BEGIN = script(`
${FENCED}
redis.call('HSETNX', KEYS[2], 'begun', ARGV[3])
return redis.call('HGET', KEYS[2], 'begun')
`);

/** The number of a listing, and a list of ids. */
export const MARK_PRESENT = fenced(`
local listing = next()
each(function() redis.call('ZADD', known, listing, next()) end)
`);

/** The number of a listing, and when it ended. */
export const RECONCILED = fenced(`
redis.call('HSET', meta, 'listing', next(), 'listedAt', next())
`);

/** The state, and a list of `id key message`. */
export const DELETED = fenced(`
${JOURNAL_ENTRY}
local state = next()
each(function()
  local id = next()
  entry()
  redis.call('ZREM', known, id)
  redis.call('ZREM', ages, id)
  redis.call('HDEL', versions, id)
end)
redis.call('HSET', meta, 'state', state)
`);

/** `KEYS`: journal, events. `ARGV`: where to begin, how many. Answers keys and messages in turn. */
export const READ_JOURNAL = script(`
local keys = redis.call('ZRANGEBYLEX', KEYS[1], ARGV[1], '+', 'LIMIT', 0, ARGV[2])
local found = {}
for _, key in ipairs(keys) do
  found[#found + 1] = key
  found[#found + 1] = redis.call('HGET', KEYS[2], key) or ''
end
return found
`);

/** `KEYS`: seen, seenUntil. `ARGV`: a date, how many. Answers ids needed until before it, and their versions in turn. */
export const READ_OUTDATED = script(`
local ids = redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[1], 'LIMIT', 0, ARGV[2])
local found = {}
for _, id in ipairs(ids) do
  found[#found + 1] = id
  found[#found + 1] = redis.call('HGET', KEYS[1], id) or ''
end
return found
`);
