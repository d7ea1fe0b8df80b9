/** What a write shows to prove that nobody else has taken over since. */
export interface Fence {
  owner: string;
  token: number;
}

/**
 * The beginning of every script that writes: `KEYS[1]` is the lease, the first arguments are owner and
 * token. A write whose token is not the latest changes nothing.
 */
export const FENCED = `
local lease = redis.call('HMGET', KEYS[1], 'owner', 'token')
if lease[1] ~= ARGV[1] or lease[2] ~= ARGV[2] then return 'LOST' end
`;

/** What such a script answers when the token is not the latest. */
export const LOST = 'LOST';

/** Redis's own time in ms, since the clocks of several machines differ. */
export const NOW = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
`;
