import { script } from '../../redis/script';

/** Writes of a move show its mark: whoever moves the outbox once more has written another one. */
const MARKED = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 'LOST' end
`;

/** Jobs in the hands of a living instance. */
const IN_HANDS = `
local function inHands(active, jobs)
  for _, id in ipairs(redis.call('LRANGE', active, 0, -1)) do
    if redis.call('EXISTS', jobs .. id .. ':lock') == 1 then return true end
  end
  return false
end
`;

/** `KEYS`: events, letters, gone, last seq, last letter. Answers counts, numbers and targets. */
export const HEAD = script(`
return {
  redis.call('HLEN', KEYS[1]), redis.call('ZCARD', KEYS[2]), redis.call('HVALS', KEYS[3]),
  redis.call('GET', KEYS[4]) or '', redis.call('GET', KEYS[5]) or ''
}
`);

/** `KEYS`: the active jobs. `ARGV`: what the keys of jobs begin with. Answers 1 when none has a lock. */
export const IDLE = script(`
${IN_HANDS}
return inHands(KEYS[1], ARGV[1]) and 0 or 1
`);

/**
 * Marks an outbox that is to arrive, unless it is in use. The number of the last event is there from
 * now on, as in every outbox that was used.
 *
 * `KEYS`: move, events, letters, gone, last seq. `ARGV`: the mark. Answers `OK` or `TAKEN`.
 */
export const ARRIVE = script(`
if redis.call('EXISTS', KEYS[1]) == 0 then
  local held = redis.call('HLEN', KEYS[2]) + redis.call('ZCARD', KEYS[3]) + redis.call('HLEN', KEYS[4])
  if held > 0 then return 'TAKEN' end
end
redis.call('SET', KEYS[1], ARGV[1])
redis.call('INCRBY', KEYS[5], 0)
return 'OK'
`);

/** `KEYS`: move, events, waiting, then lanes and pools of these events. `ARGV`: the mark, ids. */
export const FORGET = script(`
${MARKED}
for index = 4, #KEYS do redis.call('DEL', KEYS[index]) end
for index = 2, #ARGV do
  redis.call('HDEL', KEYS[2], ARGV[index])
  redis.call('ZREM', KEYS[3], ARGV[index])
end
return 'OK'
`);

/** `KEYS`: move, then all others that are to go. `ARGV`: the mark. */
export const EMPTY = script(`
${MARKED}
for index = 2, #KEYS do redis.call('UNLINK', KEYS[index]) end
return 'OK'
`);

/**
 * Puts events at the ends of their lanes; the first one of each is due once the outbox has arrived.
 *
 * `KEYS`: move, events, ids, waiting, last seq, heads, then the lane of each event. `ARGV`: the mark,
 * then identity, event and time of each.
 */
export const TAKE_IN = script(`
${MARKED}
for lane = 7, #KEYS do
  local first = 2 + (lane - 7) * 3
  local identity, event, at = ARGV[first], ARGV[first + 1], ARGV[first + 2]
  if redis.call('HEXISTS', KEYS[3], identity) == 0 then
    local id = 'e' .. redis.call('INCR', KEYS[5])
    redis.call('HSET', KEYS[2], id, event)
    redis.call('HSET', KEYS[3], identity, id)
    redis.call('ZADD', KEYS[4], at, id)
    if redis.call('RPUSH', KEYS[lane], id) == 1 then redis.call('SADD', KEYS[6], id) end
  end
end
return 'OK'
`);

/**
 * Puts delayed jobs, which hold dead letters, among the failed ones.
 *
 * `KEYS`: move, letters, last letter, delayed, failed, then each job. `ARGV`: the mark, then id,
 * number, time and reason of each.
 */
export const FILE = script(`
${MARKED}
for job = 6, #KEYS do
  local first = 2 + (job - 6) * 4
  local id, number, at, reason = ARGV[first], ARGV[first + 1], ARGV[first + 2], ARGV[first + 3]
  redis.call('ZREM', KEYS[4], id)
  redis.call('ZADD', KEYS[5], at, id)
  redis.call('HSET', KEYS[job], 'failedReason', reason, 'finishedOn', at)
  redis.call('ZADD', KEYS[2], number, id)
  if tonumber(redis.call('GET', KEYS[3]) or 0) < tonumber(number) then
    redis.call('SET', KEYS[3], number)
  end
end
return 'OK'
`);

/** `KEYS`: move, gone. `ARGV`: the mark, then key and value of each silenced target. */
export const SILENCE = script(`
${MARKED}
for index = 2, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[index], ARGV[index + 1]) end
return 'OK'
`);

/**
 * Lets the outbox leave, unless it has changed since it was looked at, or somebody works on it.
 *
 * `KEYS`: move, events, last seq, last letter, active jobs. `ARGV`: the mark, then the number of events,
 * the last seq and the last letter as they were, then what the keys of jobs begin with. Answers `OK` or
 * `LOST`.
 */
export const LEAVE = script(`
${IN_HANDS}
if (redis.call('GET', KEYS[1]) or ARGV[1]) ~= ARGV[1] then return 'LOST' end
if redis.call('HLEN', KEYS[2]) ~= tonumber(ARGV[2]) then return 'LOST' end
if (redis.call('GET', KEYS[3]) or '') ~= ARGV[3] then return 'LOST' end
if (redis.call('GET', KEYS[4]) or '') ~= ARGV[4] then return 'LOST' end
if inHands(KEYS[5], ARGV[5]) then return 'LOST' end
redis.call('SET', KEYS[1], ARGV[1])
return 'OK'
`);

/** `KEYS`: move, heads, due. `ARGV`: the mark. It may have been taken away before. */
export const ENTER = script(`
if (redis.call('GET', KEYS[1]) or ARGV[1]) ~= ARGV[1] then return 'LOST' end
redis.call('SUNIONSTORE', KEYS[3], KEYS[3], KEYS[2])
redis.call('DEL', KEYS[1], KEYS[2])
return 'OK'
`);
