import { FENCED, NOW } from './fence';
import { script } from './script';

/**
 * Takes the lease of a resource, if nobody else holds it and the resource is due.
 *
 * `ARGV`: owner, lease time, urgency, the owner's latest token, who goes first, who goes first without
 * that one, tolerance. Answers `granted {token} {continued}`, `held {owner} {ms left}`,
 * `early {ms left}` or `blocked {code}`.
 *
 * Each grant has a new token, so that a write which was under way when its connection broke cannot
 * come after those of a later poll.
 */
export const ACQUIRE = script(`
${NOW}
local found = redis.call('HMGET', KEYS[1], 'owner', 'token', 'until', 'due', 'failed', 'blocked')
local owner, token, ends, due = found[1], found[2], tonumber(found[3] or 0), tonumber(found[4] or 0)
local failed, blocked = found[5], found[6]
local me, span, urgency = ARGV[1], tonumber(ARGV[2]), ARGV[3]
if owner and owner ~= me and ends > now then
  return {'held', owner, ends - now}
end
local anew = urgency == 'start' and (failed or blocked)
if urgency ~= 'now' and not anew then
  if blocked then return {'blocked', blocked} end
  local first = ARGV[5]
  if failed == first and ARGV[6] ~= '' then first = ARGV[6] end
  local at = due
  if first ~= me then at = due + span end
  if now + tonumber(ARGV[7]) < at then return {'early', at - now} end
end
local isContinued = owner == me and token == ARGV[4]
local granted = redis.call('HINCRBY', KEYS[1], 'token', 1)
redis.call('HSET', KEYS[1], 'owner', me, 'until', now + span)
return {'granted', granted, isContinued and 1 or 0}
`);

/** `ARGV`: owner, token, lease time. */
export const RENEW = script(`
${FENCED}
${NOW}
redis.call('HSET', KEYS[1], 'until', now + ARGV[3])
return 'OK'
`);

/**
 * Notes when the resource is due again, and gives the lease back unless it is kept.
 *
 * `ARGV`: owner, token, ms until it is due or nothing, `1` after a failure, the code of what blocks it,
 * `1` to keep the lease.
 */
export const SETTLE = script(`
${FENCED}
${NOW}
if ARGV[3] ~= '' then redis.call('HSET', KEYS[1], 'due', math.floor(now + ARGV[3]))
else redis.call('HDEL', KEYS[1], 'due') end
if ARGV[4] == '1' then redis.call('HSET', KEYS[1], 'failed', ARGV[1])
else redis.call('HDEL', KEYS[1], 'failed') end
if ARGV[5] ~= '' then redis.call('HSET', KEYS[1], 'blocked', ARGV[5])
else redis.call('HDEL', KEYS[1], 'blocked') end
if ARGV[6] ~= '1' then redis.call('HSET', KEYS[1], 'until', 0) end
return 'OK'
`);

/** Gives the lease back as it is. `ARGV`: owner, token. */
export const GIVE_BACK = script(`
${FENCED}
redis.call('HSET', KEYS[1], 'until', 0)
return 'OK'
`);
