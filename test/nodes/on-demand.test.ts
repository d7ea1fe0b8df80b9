import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { NodeAPI } from 'node-red';
import { nodeMade, onDemand, whenNodeMade } from '../../nodes/runtime/on-demand';

type Middleware = (request: unknown, response: unknown, next: () => void) => void;

/** As much of Node-RED as it needs. */
function nodeRed() {
  const events = new EventEmitter();
  const routes = new Map<string, Middleware>();
  const httpAdmin = {
    use: (route: string, middleware: Middleware) => routes.set(route, middleware),
  };
  return {
    RED: { events, httpAdmin } as unknown as NodeAPI,
    events,
    call: (route: string) => {
      let isPassedOn = false;
      routes.get(route)?.({}, {}, () => (isPassedOn = true));
      return isPassedOn;
    },
  };
}

describe('what a type brings along', () => {
  let red: ReturnType<typeof nodeRed>;
  let loads: number;
  let need: () => string;

  beforeEach(() => {
    red = nodeRed();
    loads = 0;
    need = onDemand(red.RED, 'sagecrm-poll', () => `part ${(loads += 1)}`);
  });

  it('is not loaded when Node-RED starts, nor when it loads or changes flows', () => {
    red.events.emit('flows:starting');
    red.events.emit('flows:starting', { type: 'full' });
    red.events.emit('flows:starting', { diff: { removed: [] } });
    assert.equal(loads, 0);
  });

  it('is loaded once, when it is asked for', () => {
    assert.equal(need(), 'part 1');
    assert.equal(need(), 'part 1');
    assert.equal(loads, 1);
  });

  it('is there for the deploy that deletes nodes', () => {
    red.events.emit('flows:starting', { diff: { removed: ['1a275215a6c5c7d1'] } });
    assert.equal(loads, 1);
  });

  it('is there for the first request below its route, which is passed on', () => {
    assert.equal(red.call('/sagecrm-poll'), true);
    assert.equal(red.call('/sagecrm-poll'), true);
    assert.equal(loads, 1);
  });

  it('can be told of each node that is made, until it has heard enough', () => {
    let told = 0;
    const end = whenNodeMade(red.RED, () => (told += 1));
    nodeMade(red.RED);
    nodeMade(red.RED);
    end();
    nodeMade(red.RED);
    assert.equal(told, 2);
  });
});
