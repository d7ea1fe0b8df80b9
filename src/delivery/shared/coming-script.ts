/**
 * Lua that gives events their turn. It needs `events`, `due`, `leaders` and `pool` (keys), `group`
 * and `size`, how many events share a webhook.
 *
 * The first event of a lane is due: its job is added next, and is found by whoever comes if that does
 * not happen. Where events share webhooks, one job of a group is its leader; the first events of
 * other lanes need none, and wait in the pool until a job that puts a webhook together takes them. A
 * pool is never without a leader.
 *
 * `coming()` answers the jobs to add, each as id, lane and 1 if it may wait for more events, and the
 * ids of leaders that need not wait any more.
 */
export const COMING = `
local turns, full = {}, {}

local function coming() return {turns, full} end

local function give(id, lane, waits)
  redis.call('SADD', due, id)
  turns[#turns + 1] = {id, lane, waits}
end

local function lead(id, lane, known)
  redis.call('HSET', leaders, group, id)
  give(id, lane, known >= size and 0 or 1)
end

local function hasten(id)
  if redis.call('HGET', leaders, group) == id then full[#full + 1] = id end
end

local function enter(id, lane, length)
  if size == 1 then return give(id, lane, 0) end
  local leader = redis.call('HGET', leaders, group)
  if not leader or redis.call('HEXISTS', events, leader) == 0 then return lead(id, lane, length) end
  local others = redis.call('RPUSH', pool, id .. ':' .. lane)
  if (others + 1) % size == 0 then hasten(leader) end
end
`;
