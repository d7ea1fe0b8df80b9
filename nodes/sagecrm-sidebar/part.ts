import type { NodeAPI } from 'node-red';
import { systemClock } from '../../src/effects/clock';
import { History } from '../../src/monitor/history';
import { HistoryKeeper } from '../../src/monitor/history-keeper';
import { readHistoryQuery } from '../../src/monitor/history-query';
import { LevelHistoryStore } from '../../src/monitor/history-store';
import type { HistoryView, Overview } from '../../src/monitor/overview';
import { watchActivity, type WatchedNode } from '../runtime/activity';
import { postJson } from '../runtime/admin-routes';
import { watchFlowStarts } from '../runtime/flow-starts';
import { asError } from '../runtime/lifecycle';
import { belongsTo, putAside, sidebarFolder } from '../runtime/state-folder';
import { ChangeNotice } from './change-notice';

const PLUGIN = 'sagecrm-sidebar';
const READ = 'sagecrm-sidebar.read';

/**
 * The runtime of the sidebar. It watches the started nodes and adds, for those with the permission
 * `sagecrm-sidebar.read`:
 *
 * - `POST /sagecrm-sidebar/overview`: an `Overview`
 * - `POST /sagecrm-sidebar/history` with a `HistoryQuery`: a `HistoryView`
 *
 * @returns ends the watching; resolves when what it has begun on the disk is done
 */
export function openPart(RED: NodeAPI): () => Promise<void> {
  const clock = systemClock();
  const live = new Set<WatchedNode>();
  const history = new History(clock);
  const keeper = createKeeper(RED, history);
  const notice = new ChangeNotice(RED, clock);

  const stopWatching = watchActivity(RED, {
    joined(node) {
      live.add(node);
      keeper.hold();
      notice.node(node.id);
    },
    left(node, waitFor) {
      live.delete(node);
      notice.node(node.id);
      if (live.size > 0) return;
      // Node-RED waits for its nodes when it stops, but for no plugin: the last node takes us along.
      notice.flush();
      waitFor(keeper.release());
    },
    emitted(node, event) {
      if (!live.has(node)) return;
      history.emitted(node.id, event);
      keeper.changed();
      notice.history(node.id);
    },
    wentWrong(node, error, resource) {
      if (!live.has(node)) return;
      history.wentWrong(node.id, resource, error);
      keeper.changed();
      notice.history(node.id);
    },
    changed(node) {
      if (live.has(node)) notice.node(node.id);
    },
  });
  const starts = watchFlowStarts(RED, (deleted, left) => {
    void keeper.forget((node) => !left.has(node) && deleted.some((id) => belongsTo(node, id)));
  });

  postJson(RED, { path: `/${PLUGIN}/overview`, permission: READ }, (): Promise<Overview> =>
    overviewOf(live, clock.now()),
  );
  postJson(
    RED,
    { path: `/${PLUGIN}/history`, permission: READ },
    async (body): Promise<HistoryView> => {
      const query = readHistoryQuery(body);
      await keeper.restored();
      return history.view(query);
    },
  );
  return () => {
    stopWatching();
    starts.end();
    return keeper.settled();
  };
}

function createKeeper(RED: NodeAPI, history: History): HistoryKeeper {
  const clock = systemClock();
  const folder = sidebarFolder(RED);
  return new HistoryKeeper({
    ...{ history, clock },
    async open(anew) {
      if (anew) await putAside(folder, clock.now());
      return LevelHistoryStore.open(folder);
    },
    onWarning: (error) => {
      RED.log.warn(`[${PLUGIN}] ${asError(error).message}`);
    },
  });
}

async function overviewOf(live: ReadonlySet<WatchedNode>, now: number): Promise<Overview> {
  const nodes = [...live];
  const polls = nodes.flatMap((node) => (node.kind === 'poll' ? [node.overview()] : []));
  const callbacks = await Promise.all(
    nodes.flatMap((node) => (node.kind === 'callback' ? [node.overview()] : [])),
  );
  return { now, polls, callbacks };
}
