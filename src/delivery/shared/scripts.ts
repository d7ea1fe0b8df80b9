import { script } from '../../redis/script';
import { COMING } from './coming-script';

/**
 * Puts an event at the end of its lane unless it waits already.
 *
 * `KEYS`: events, ids, waiting, due, last seq, lane, leaders, pool, move. `ARGV`: identity, event, time,
 * lane, group, size. Answers what `coming` tells; `MOVED` when the outbox has left, or not arrived.
 */
const TAKING = `
if redis.call('EXISTS', KEYS[9]) == 1 then return 'MOVED' end
${COMING}
local function taken(identity, event, at)
  if redis.call('HEXISTS', KEYS[2], identity) == 1 then return coming() end
  local id = 'e' .. redis.call('INCR', KEYS[5])
  redis.call('HSET', KEYS[1], id, event)
  redis.call('HSET', KEYS[2], identity, id)
  redis.call('ZADD', KEYS[3], at, id)
  local length = redis.call('RPUSH', KEYS[6], id)
  if length == 1 then
    enter(id, ARGV[4], 1)
  elseif size > 1 and length % size == 0 then
    hasten(redis.call('LINDEX', KEYS[6], 0))
  end
  return coming()
end
`;

/** Where `COMING` finds what it needs among the keys and arguments of taking. */
const TAKING_KEYS = `
local events, due, leaders, pool = KEYS[1], KEYS[4], KEYS[7], KEYS[8]
local group, size = ARGV[5], tonumber(ARGV[6])
`;

export const TAKE = script(`
${TAKING_KEYS}
${TAKING}
return taken(ARGV[1], ARGV[2], ARGV[3])
`);

/**
 * Takes a dead letter as a new event; one that is gone by then is left out.
 *
 * `KEYS` also: letters, trash. `ARGV` also: the letter's id.
 */
export const REPLAY = script(`
${TAKING_KEYS}
${TAKING}
if redis.call('ZREM', KEYS[10], ARGV[7]) == 0 then return coming() end
redis.call('SADD', KEYS[11], ARGV[7])
return taken(ARGV[1], ARGV[2], ARGV[3])
`);

/** `KEYS`: letters, trash. `ARGV`: the letters' ids. */
export const DROP = script(`
for _, id in ipairs(ARGV) do
  if redis.call('ZREM', KEYS[1], id) == 1 then redis.call('SADD', KEYS[2], id) end
end
return 'OK'
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
