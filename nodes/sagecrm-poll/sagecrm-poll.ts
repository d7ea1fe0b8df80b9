import type { Node, NodeAPI, NodeDef, NodeMessageInFlow } from 'node-red';
import { pollPropertiesSchema, type PollProperties } from '../../src/config/poll-properties';
import { parseOrThrow } from '../../src/config/problems';
import { systemClock } from '../../src/effects/clock';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import type { EventMessage } from '../../src/event/event';
import { readCommand } from '../../src/poll/command';
import { Poller } from '../../src/poll/poller';
import { onAcknowledged } from '../runtime/acknowledgements';
import { watchFlowStarts, type FlowStarts } from '../runtime/flow-starts';
import { removeState, stateFolder } from '../runtime/state-folder';
import { serverOf, type SageCrmServer } from '../runtime/server';
import { refuseToStart } from '../runtime/refuse';
import { StatusLine } from '../runtime/status-line';
import { asError, onClose } from '../runtime/lifecycle';
import { showStatus } from './show-status';
import { openPollers, type PollState } from './state';

interface PollDefinition extends NodeDef {
  server: string;
}

type Send = (message: object | (object | null)[]) => void;

/** What a poll node sends: events, and reports where the second output is on. */
interface Outputs {
  event: (message: EventMessage) => void;
  report: (message: object) => void;
  answer: (message: object) => void;
}

function outputsOf(node: Node, report: boolean): Outputs {
  const send = node.send.bind(node) as Send;
  return {
    event: (message) => {
      // The poll node stands for the instance in callbacks, so its id goes along.
      send({ ...message, instanceId: node.id });
    },
    report: (message) => {
      if (report) send([null, message]);
    },
    answer: (message) => {
      send(report ? [null, message] : message);
    },
  };
}

function startPolling(
  RED: NodeAPI,
  node: Node,
  properties: PollProperties,
  server: SageCrmServer,
  starts: FlowStarts,
): void {
  const clock = systemClock();
  const folder = stateFolder(RED, node);
  const status = new StatusLine(RED, node, clock);
  const outputs = outputsOf(node, properties.report);
  const state = openPollers({
    ...{ node, properties, server, clock, folder, emit: outputs.event },
    onRoom: () => void poller.flowHasRoom(),
  });
  const poller: Poller = new Poller({
    open: (anew) => state.open(anew),
    intervalMs: properties.interval * 60_000,
    clock,
    random: Math.random,
    onStatus: (now) => {
      showStatus(status, now, { api: server.foundApi(), unacknowledged: state.unacknowledged });
    },
    onReport: (report) => {
      outputs.report({ topic: report.resource, payload: report });
    },
    onError: (error, resource) => {
      node.error(error, { topic: resource ?? '', resource });
    },
  });

  node.on('input', (msg, _send, done) => {
    obey({ poller, state, server, answer: outputs.answer }, msg).then(
      () => {
        done();
      },
      (error: unknown) => {
        done(asError(error));
      },
    );
  });
  onAcknowledged(RED, node, (eventId) => {
    state.acknowledge([eventId]).catch((error: unknown) => {
      node.error(asError(error));
    });
  });
  // Messages sent before every node is there would be lost, so the first poll waits for that.
  starts.whenStarted(node, () => {
    poller.start();
  });
  onClose(node, async () => {
    await poller.stop();
    status.close();
    await state.close();
  });
}

interface Obeying {
  poller: Poller;
  state: PollState;
  server: SageCrmServer;
  answer: (message: object) => void;
}

async function obey(
  { poller, state, server, answer }: Obeying,
  msg: NodeMessageInFlow,
): Promise<void> {
  const command = readCommand(msg, server.zone);
  switch (command.name) {
    case 'poll':
      return poller.pollNow();
    case 'pause':
      poller.pause();
      return;
    case 'resume':
      server.client.retryLogOn();
      return poller.resume();
    case 'confirm-deletes':
      return poller.confirmDeletes();
    case 'ack':
      return state.acknowledge(command.eventIds);
    case 'replay':
      return poller.replay(command.since, command.resources);
    case 'status':
      answer({ ...msg, payload: statusOf(poller, state) });
  }
}

function statusOf(poller: Poller, state: PollState): object {
  const { paused } = poller;
  return { paused, unacknowledged: state.unacknowledged, resources: poller.status() };
}

export = function (RED: NodeAPI): void {
  const starts = watchFlowStarts(RED, (deleted, left) => {
    removeState(RED, deleted, left);
  });
  RED.nodes.registerType<Node, PollDefinition, object, object>(
    'sagecrm-poll',
    function (this: Node, definition: PollDefinition) {
      RED.nodes.createNode(this, definition);
      try {
        const properties = parseOrThrow(pollPropertiesSchema, definition);
        const server = serverOf(RED, definition.server);
        for (const { key, url } of properties.resources) server.checkUrl(key, url);
        startPolling(RED, this, properties, server, starts);
      } catch (error) {
        if (!(error instanceof SageCrmError)) throw error;
        refuseToStart(RED, this, error);
      }
    },
  );
};
