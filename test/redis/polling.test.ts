import { PollRig, type StartRig } from '../support/poll-rig';
import { RedisServer } from '../support/redis-server';
import { itWaitsForAcknowledgements } from '../unit/poll/support/acknowledgement-suite';
import { itGivesTheSameEvents } from '../unit/poll/support/contract-suite';
import { itTellsDeletionsAndChanges } from '../unit/poll/support/deletions-suite';
import { itHoldsInAnyHistory } from '../unit/poll/support/model-suite';
import { itPollsAResource } from '../unit/poll/support/scenarios-suite';
import { StateOnRedis } from './support/rig-state';

/** How often the model runs; a nightly run sets more. */
const RUNS = Number(process.env.MODEL_RUNS ?? 30);

describe('with its state on Redis', () => {
  let server: RedisServer;
  let nodes = 0;

  before(async () => {
    server = await RedisServer.start({ isForgetful: true });
  });

  after(() => server.stop());

  const startRig: StartRig = (options) =>
    PollRig.start({
      ...options,
      newState: () => Promise.resolve(new StateOnRedis(server, `node-${(nodes += 1)}`)),
    });

  describe('polling a resource', () => {
    itPollsAResource(startRig);
  });

  describe('every way to reach a Sage CRM gives the same events', () => {
    itGivesTheSameEvents(startRig);
  });

  describe('events that are committed when the flow acknowledges them', () => {
    itWaitsForAcknowledgements(startRig);
  });

  itTellsDeletionsAndChanges(startRig);

  describe('any order of changes, faults, clock steps, acknowledgements, crashes, restarts and replays', () => {
    itHoldsInAnyHistory(startRig, RUNS);
  });
});
