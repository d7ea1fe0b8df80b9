import { PollRig } from '../../support/poll-rig';
import { itHoldsInAnyHistory } from './support/model-suite';

/** How often the model runs; a nightly run sets more. */
const RUNS = Number(process.env.MODEL_RUNS ?? 100);

describe('any order of changes, faults, clock steps, acknowledgements, crashes, restarts and replays', () => {
  itHoldsInAnyHistory((options) => PollRig.start(options), RUNS);
});
