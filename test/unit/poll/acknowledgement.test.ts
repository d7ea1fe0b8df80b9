import { PollRig } from '../../support/poll-rig';
import { itWaitsForAcknowledgements } from './support/acknowledgement-suite';

describe('events that are committed when the flow acknowledges them', () => {
  itWaitsForAcknowledgements((options) => PollRig.start(options));
});
