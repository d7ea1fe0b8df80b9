import type { NodeAPI } from 'node-red';
import { onDemand, whenNodeMade } from '../runtime/on-demand';
import type * as Part from './part';

const PLUGIN = 'sagecrm-sidebar';

function load(RED: NodeAPI): () => Promise<void> {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- only a call loads it later
  const part = require('./part') as typeof Part;
  return part.openPart(RED);
}

export = function (RED: NodeAPI): void {
  let stopWatching: (() => Promise<void>) | undefined;
  const watch = onDemand(RED, PLUGIN, () => (stopWatching = load(RED)));
  const stopListening = whenNodeMade(RED, watch);
  const plugin = {
    type: PLUGIN,
    async onremove() {
      stopListening();
      await stopWatching?.();
    },
  };
  RED.plugins.registerPlugin(PLUGIN, plugin);
};
