import { NOW } from './fence';
import { script } from './script';

/**
 * Says that an instance lives, and which resources it polls.
 *
 * `KEYS`: instances, resources. `ARGV`: instance, ms it may be silent, its resources. Answers `1` when
 * it was not among those that live, and all that do.
 */
export const BEAT = script(`
${NOW}
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. (now - ARGV[2]))
local isNew = redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
for index = 3, #ARGV do redis.call('SADD', KEYS[2], ARGV[index]) end
redis.call('PERSIST', KEYS[2])
return {isNew, redis.call('ZRANGE', KEYS[1], 0, -1)}
`);

/** How many instances live. `KEYS`: instances. `ARGV`: ms one may be silent. */
export const LIVING = script(`
${NOW}
return redis.call('ZCOUNT', KEYS[1], now - ARGV[1], '+inf')
`);

/**
 * Keeps a resource's state from running out. `KEYS`: all of the resource, the lease first. `ARGV`: `1`
 * to drop state that was left and claimed by nobody since.
 */
export const CLAIM = script(`
if ARGV[1] == '1' and redis.call('PTTL', KEYS[1]) > 0 then
  for index = 2, #KEYS do redis.call('UNLINK', KEYS[index]) end
  redis.call('HDEL', KEYS[1], 'due', 'failed', 'blocked')
end
redis.call('HINCRBY', KEYS[1], 'claims', 1)
for _, key in ipairs(KEYS) do redis.call('PERSIST', key) end
return 'OK'
`);

/**
 * Lets a resource's state run out, unless somebody has claimed it meanwhile. Whoever still holds the
 * lease, silent for so long, writes nothing more before it has asked for it again.
 *
 * `KEYS` as before. `ARGV`: the claims so far or nothing, ms until the state is gone.
 */
export const LEAVE = script(`
if (redis.call('HGET', KEYS[1], 'claims') or '') ~= ARGV[1] then return 0 end
redis.call('HINCRBY', KEYS[1], 'token', 1)
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, ARGV[2]) end
return 1
`);
