import { itLosesNothing } from './support/trouble-suite';

describe('Three processes that share the state of a poll node on Redis, with events done when acknowledged, lose nothing, and repeat only with equal event ids', function () {
  this.timeout(180_000);

  itLosesNothing('acknowledged', 4);
});
