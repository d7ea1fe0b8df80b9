import { itLosesNothing } from './support/trouble-suite';

describe('Three processes that share the state of a poll node on Redis, with events done when emitted, lose nothing, and repeat only with equal event ids', function () {
  this.timeout(180_000);

  itLosesNothing('emitted', 3);
});
