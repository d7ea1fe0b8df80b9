import type { Node, NodeAPI } from 'node-red';
import type { PollProperties } from '../../src/config/poll-properties';
import { systemClock } from '../../src/effects/clock';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import type { EventMessage } from '../../src/event/event';
import { PollWatch } from '../../src/monitor/poll-watch';
import { readCommand, type Command } from '../../src/poll/command';
import { Poller } from '../../src/poll/poller';
import { onAcknowledged } from '../runtime/acknowledgements';
import { joinActivity, type Activity } from '../runtime/activity';
import type { FlowStarts } from '../runtime/flow-starts';
import { asError, onClose } from '../runtime/lifecycle';
import type { SageCrmServer } from '../runtime/server';
import { stateFolder } from '../runtime/state-folder';
import { StatusLine } from '../runtime/status-line';
import type { LeftState } from './left-state';
import { showStatus } from './show-status';
import { openPollers, type PollState } from './state';

/** A poll node that polls, as the admin routes find it. */
export interface PollingNode extends Node {
  /**
   * Obeys what a message would ask for, without waiting until it is done; what fails later is
   * reported as any failure of a poll.
   *
   * @throws SageCrmError `INPUT_INVALID` for what cannot be done
   */
  steer?: (request: { topic: string; payload?: unknown }) => void;
}

interface Polling {
  RED: NodeAPI;
  node: PollingNode;
  properties: PollProperties;
  server: SageCrmServer;
  starts: FlowStarts;
  leftState: LeftState;
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
    event: ({ topic, payload, event }) => {
      // The poll node stands for the instance in callbacks, so its id goes along.
      send({ topic, payload, event, instanceId: node.id });
    },
    report: (message) => {
      if (report) send([null, message]);
    },
    answer: (message) => {
      send(report ? [null, message] : message);
    },
  };
}

/** Polls at the interval and on request until the node closes. */
export function startPolling({ RED, node, properties, server, starts, leftState }: Polling): void {
  const clock = systemClock();
  const folder = stateFolder(RED, node);
  const status = new StatusLine(RED, node, clock);
  const outputs = outputsOf(node, properties.report);
  const watch = new PollWatch(polledNames(properties), clock);
  const state = openPollers({
    ...{ properties, server, clock, folder, leftState, node: node.id },
    emit: (message) => {
      outputs.event(message);
      activity.emitted(message.event);
    },
    onRoom: () => void poller.flowHasRoom(),
    onWarning: (problem, resource) => {
      node.warn(problem.message);
      activity.wentWrong(problem, resource);
    },
  });
  const poller: Poller = new Poller({
    open: (anew) => state.open(anew),
    intervalMs: properties.interval * 60_000,
    isShared: server.redis !== undefined,
    clock,
    random: Math.random,
    onStatus: (now) => {
      showStatus(status, now, { api: server.foundApi(), unacknowledged: state.unacknowledged });
      watch.noteStatus(now);
      activity.changed();
    },
    onReport: (report) => {
      outputs.report({ topic: report.resource, payload: report });
      watch.noteReport(report);
      activity.changed();
    },
    onError: (error, resource) => {
      node.error(error, { topic: resource ?? '', resource });
      watch.noteProblem(error, resource);
      activity.wentWrong(error, resource);
    },
  });
  const activity = join({ RED, node, watch, poller, state });

  takeCommands({ node, poller, state, server, activity, answer: outputs.answer });
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
    await activity.left();
  });
}

function polledNames({ resources }: PollProperties): string[] {
  return resources.filter(({ enabled }) => enabled).map(({ key }) => key);
}

interface Joining {
  RED: NodeAPI;
  node: Node;
  watch: PollWatch;
  poller: Poller;
  state: PollState;
}

function join({ RED, node, watch, poller, state }: Joining): Activity {
  const { id, z: flow, name = '' } = node;
  return joinActivity(RED, {
    id,
    kind: 'poll',
    overview() {
      const { paused } = poller;
      const { unacknowledged, storedCursors } = state;
      const resources = poller.status();
      return {
        ...{ id, name, flow },
        ...watch.overview({ paused, unacknowledged, resources, storedCursors }),
      };
    },
  });
}

interface Obeying {
  poller: Poller;
  state: PollState;
  server: SageCrmServer;
  answer: (message: object) => void;
}

/** Obeys what messages ask for, and what the admin routes do. */
function takeCommands(options: Obeying & { node: PollingNode; activity: Activity }): void {
  const { node, poller, server, activity } = options;
  node.on('input', (msg, _send, done) => {
    const obeyed = async (): Promise<void> => {
      await obey(options, readCommand(msg, server.zone), msg);
    };
    obeyed().then(
      () => {
        done();
      },
      (error: unknown) => {
        activity.wentWrong(error);
        done(asError(error));
      },
    );
  });
  node.steer = (request) => {
    const command = readCommand(request, server.zone);
    if (command.name === 'poll' && poller.paused) throw pollsArePaused();
    obey(options, command, request).catch((error: unknown) => {
      activity.wentWrong(error);
      node.error(asError(error), request);
    });
  };
}

async function obey(
  { poller, state, server, answer }: Obeying,
  command: Command,
  request: object,
): Promise<void> {
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
    case 'migrate': {
      const resources = await poller.adopt(() => state.openOrigin(command.from));
      answer({ ...request, payload: { from: command.from, resources } });
      return poller.pollNow();
    }
    case 'status':
      answer({ ...request, payload: statusOf(poller, state) });
  }
}

function statusOf(poller: Poller, state: PollState): object {
  const { paused } = poller;
  return { paused, unacknowledged: state.unacknowledged, resources: poller.status() };
}

function pollsArePaused(): SageCrmError {
  return new SageCrmError(
    'INPUT_INVALID',
    'the node is paused, or its log-on was refused',
    'resume it, which polls at once',
  );
}
