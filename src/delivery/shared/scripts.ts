import { script } from '../../redis/script';

/**
 * Puts an event at the end of its lane unless it waits already. The first of a lane is due: its job is
 * added next, and is found by whoever comes if that does not happen.
 *
 * `KEYS`: events, ids, waiting, due, last seq, lane. Answers the job's id when the event is due, else ''.
 */
const TAKING = `
local function taken(identity, event, at)
  if redis.call('HEXISTS', KEYS[2], identity) == 1 then return '' end
  local id = 'e' .. redis.call('INCR', KEYS[5])
  redis.call('HSET', KEYS[1], id, event)
  redis.call('HSET', KEYS[2], identity, id)
  redis.call('ZADD', KEYS[3], at, id)
  if redis.call('RPUSH', KEYS[6], id) > 1 then return '' end
  redis.call('SADD', KEYS[4], id)
  return id
end
`;

/** `ARGV`: identity, event, time. */
export const TAKE = script(`
${TAKING}
return taken(ARGV[1], ARGV[2], ARGV[3])
`);

/**
 * Takes a dead letter as a new event; one that is gone by then is left out.
 *
 * `KEYS` also: letters, trash. `ARGV` also: the letter's id.
 */
export const REPLAY = script(`
${TAKING}
if redis.call('ZREM', KEYS[7], ARGV[4]) == 0 then return '' end
redis.call('SADD', KEYS[8], ARGV[4])
return taken(ARGV[1], ARGV[2], ARGV[3])
`);

/** `KEYS`: letters, trash. `ARGV`: the letters' ids. */
export const DROP = script(`
for _, id in ipairs(ARGV) do
  if redis.call('ZREM', KEYS[1], id) == 1 then redis.call('SADD', KEYS[2], id) end
end
return 'OK'
`);

/**
 * What a job has to do. `KEYS`: lane, events, letters, gone. `ARGV`: id, target.
 *
 * - `go {event}`: the event is the first of its lane
 * - `hold`: so it is, but its target wants nothing
 * - `letter`: it has been given up before
 * - `over`: it has been delivered before
 */
export const BEGIN = script(`
if redis.call('LINDEX', KEYS[1], 0) ~= ARGV[1] then
  if redis.call('ZSCORE', KEYS[3], ARGV[1]) then return {'letter'} end
  return {'over'}
end
if redis.call('HEXISTS', KEYS[4], ARGV[2]) == 1 then return {'hold'} end
return {'go', redis.call('HGET', KEYS[2], ARGV[1])}
`);

/**
 * Ends an event and lets the next one of its lane have its turn, unless another instance has taken
 * the job over. The same end may be told again when its answer was lost.
 *
 * `KEYS`: the job's lock, lane, events, ids, waiting, due, letters, last letter. `ARGV`: id, lock
 * token, identity, `dead` or `delivered`. Answers `LOST`, or the letter's number and the next id.
 */
export const SETTLE = script(`
if redis.call('GET', KEYS[1]) ~= ARGV[2] then return 'LOST' end
local id = ARGV[1]
if redis.call('LINDEX', KEYS[2], 0) == id then
  redis.call('LPOP', KEYS[2])
  redis.call('HDEL', KEYS[3], id)
  redis.call('HDEL', KEYS[4], ARGV[3])
  redis.call('ZREM', KEYS[5], id)
  redis.call('SREM', KEYS[6], id)
  if ARGV[4] == 'dead' then
    redis.call('ZADD', KEYS[7], redis.call('INCR', KEYS[8]), id)
  end
end
local following = redis.call('LINDEX', KEYS[2], 0) or ''
if following ~= '' then redis.call('SADD', KEYS[6], following) end
return {tonumber(redis.call('ZSCORE', KEYS[7], id) or 0), following}
`);

/** Notes a job that waits for its target. `KEYS`: gone, held. `ARGV`: target, id. Answers 0 or 1. */
export const HOLD = script(`
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return 0 end
redis.call('SADD', KEYS[2], ARGV[2])
return 1
`);

/** `KEYS`: gone, held. `ARGV`: target. Answers the ids that waited for it. */
export const ENABLE = script(`
redis.call('HDEL', KEYS[1], ARGV[1])
local ids = redis.call('SMEMBERS', KEYS[2])
redis.call('DEL', KEYS[2])
return ids
`);

/** `KEYS`: events, waiting, letters, gone. */
export const STATUS = script(`
local oldest = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
return {
  redis.call('HLEN', KEYS[1]), oldest[2] or '', redis.call('ZCARD', KEYS[3]),
  redis.call('HVALS', KEYS[4])
}
`);

/** `KEYS`: letters. `ARGV`: numbers. Answers ids, '' where there is none. */
export const LETTERS = script(`
local ids = {}
for index, number in ipairs(ARGV) do
  ids[index] = redis.call('ZRANGEBYSCORE', KEYS[1], number, number)[1] or ''
end
return ids
`);
