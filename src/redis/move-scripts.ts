import { fenced, JOURNAL_ENTRY, SEEN_ENTRY } from './poll-scripts';

/** The mark of the move, and the number and date of the latest listing or nothing. */
export const ARRIVE = fenced(`
redis.call('UNLINK', journal, events, seen, seenUntil, versions, ages, known)
redis.call('HDEL', meta, 'state', 'begun', 'age', 'listing', 'listedAt')
redis.call('HSET', meta, 'move', next())
local listing, at = next(), next()
if listing ~= '' then redis.call('HSET', meta, 'listing', listing, 'listedAt', at) end
`);

/** Lists of `key message`, `id versions until`, `id listing` and `id record`. */
export const TAKE_IN = fenced(`
${JOURNAL_ENTRY}${SEEN_ENTRY}
each(entry)
each(see)
each(function()
  local id = next()
  redis.call('ZADD', known, next(), id)
end)
each(function()
  local id = next()
  redis.call('HSET', versions, id, next())
  redis.call('ZADD', ages, redis.call('HINCRBY', meta, 'age', 1), id)
end)
`);

/** The state and when a start from now began, each of them or nothing. */
export const COMPLETE = fenced(`
local state, begun = next(), next()
if state ~= '' then redis.call('HSET', meta, 'state', state) end
if begun ~= '' then redis.call('HSET', meta, 'begun', begun) end
`);

/** The mark of the move; nothing: none any more. */
export const MARK_MOVE = fenced(`
local move = next()
if move == '' then redis.call('HDEL', meta, 'move') else redis.call('HSET', meta, 'move', move) end
`);
