import { PollRig } from '../../support/poll-rig';
import { itGivesTheSameEvents } from './support/contract-suite';

describe('every way to reach a Sage CRM gives the same events', () => {
  itGivesTheSameEvents((options) => PollRig.start(options));
});
