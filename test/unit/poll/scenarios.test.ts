import { PollRig } from '../../support/poll-rig';
import { itPollsAResource } from './support/scenarios-suite';

describe('polling a resource', () => {
  itPollsAResource((options) => PollRig.start(options));
});
