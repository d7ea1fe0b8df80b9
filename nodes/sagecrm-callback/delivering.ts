import type { Node, NodeAPI, NodeMessageInFlow } from 'node-red';
import type { CallbackCredentials, CallbackProperties } from '../../src/config/callback-properties';
import { readOutboxCommand, type OutboxCommand } from '../../src/delivery/command';
import { readCallbackInput } from '../../src/delivery/input';
import type { CallbackOutbox } from '../../src/delivery/callback-outbox';
import type { OutboxStatus } from '../../src/delivery/outbox-status';
import { systemClock } from '../../src/effects/clock';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import { CallbackWatch } from '../../src/monitor/callback-watch';
import { acknowledge } from '../runtime/acknowledgements';
import { joinActivity } from '../runtime/activity';
import type { FlowStarts } from '../runtime/flow-starts';
import { asError, onClose } from '../runtime/lifecycle';
import { StatusLine } from '../runtime/status-line';
import { lettersForFlow } from './dead-letter-view';
import { storable, withReport } from './delivery-report';
import { keepOpening } from './keep-opening';
import { OpenOutbox } from './open-outbox';
import { DeliveryStatus } from './show-status';

/** A callback node with an outbox, as the admin routes find it. */
export interface DeliveringNode extends Node {
  outbox?: () => Promise<CallbackOutbox>;
}

interface Delivering {
  RED: NodeAPI;
  node: DeliveringNode;
  properties: CallbackProperties;
  credentials: CallbackCredentials;
  starts: FlowStarts;
}

/** Takes the events that come in into the outbox, and tells what becomes of them. */
export function startDelivering({ RED, node, properties, credentials, starts }: Delivering): void {
  const clock = systemClock();
  const closing = new AbortController();
  const status = new DeliveryStatus(RED, new StatusLine(RED, node, clock), clock);
  const watch = new CallbackWatch(clock);
  const tellFailure = (error: unknown): void => {
    watch.noteProblem(error);
    activity.wentWrong(error);
    report(node, status, error);
  };
  const outbox = new OpenOutbox({
    ...{ RED, node, properties, credentials, clock },
    onOutcome: (outcome) => {
      const message = withReport(outcome);
      if (outcome.status === 'failed') {
        watch.noteProblem(outcome.error);
        activity.wentWrong(outcome.error);
        node.error(outcome.error, message);
        return;
      }
      watch.noteDelivered();
      status.noteDelivered();
      node.send(message);
    },
    onRetry: (retry) => {
      if (watch.noteProblem(retry.error)) activity.wentWrong(retry.error);
      status.noteRetry(retry);
    },
    onStatus: (now) => {
      status.show(now);
      activity.changed();
    },
    onWarning: (warning) => {
      activity.wentWrong(warning);
      // That dead letters gather is for the log; that a receiver is gone, for a Catch node.
      if (warning.code === 'DEAD_LETTERS_FULL') {
        node.warn(warning.message);
        return;
      }
      watch.noteProblem(warning);
      node.error(warning, {});
    },
    onError: tellFailure,
  });
  const activity = joinActivity(RED, {
    id: node.id,
    kind: 'callback',
    overview: async () => {
      const { id, name = '', z: flow } = node;
      const { problem } = watch;
      return {
        ...{ id, name, flow },
        enabled: true,
        ...(await outboxIfOpen(outbox)),
        ...(problem === undefined ? {} : { problem }),
      };
    },
  });
  node.outbox = () => outbox.get();
  const keepOpen = (): void => {
    void keepOpening({ outbox, clock, signal: closing.signal, onError: tellFailure });
  };

  node.on('input', (msg, send, done) => {
    handle({ RED, id: node.id, outbox, properties, keepOpen }, msg, send).then(
      () => {
        done();
      },
      (error: unknown) => {
        done(asError(error));
      },
    );
  });
  // What waits goes out, and its messages on, once every node is there to take them.
  starts.whenStarted(node, keepOpen);
  onClose(node, async () => {
    closing.abort();
    status.close();
    await outbox.close();
    await activity.left();
  });
}

/** An overview opens no outbox, and shows none that cannot be read just now. */
async function outboxIfOpen(outbox: OpenOutbox): Promise<{ outbox?: OutboxStatus }> {
  try {
    const status = await outbox.opened?.status();
    return status === undefined ? {} : { outbox: status };
  } catch {
    return {};
  }
}

function report(node: Node, status: DeliveryStatus, error: unknown): void {
  const known = asError(error);
  if (known instanceof SageCrmError) status.showFailure(known);
  node.error(known, {});
}

interface Handling {
  RED: NodeAPI;
  /** Stands for the instance where a message does not say it. */
  id: string;
  outbox: OpenOutbox;
  properties: CallbackProperties;
  /** Opens the outbox, and tries again while it cannot be opened. */
  keepOpen: () => void;
}

async function handle(
  { RED, id, outbox, properties, keepOpen }: Handling,
  msg: NodeMessageInFlow & { url?: unknown },
  send: (msg: NodeMessageInFlow) => void,
): Promise<void> {
  const command = readOutboxCommand(msg);
  if (command?.name === 'migrate') {
    const moving = outbox.adopt(command.from);
    keepOpen();
    send({ ...msg, payload: { from: command.from, moved: await moving } });
    return;
  }
  if (command !== undefined) {
    const payload = await obey(await outbox.get(), command);
    send({ ...msg, payload });
    return;
  }
  const { message, instanceId } = readCallbackInput(msg);
  const target = properties.allowUrlOverride && typeof msg.url === 'string' ? msg.url : '';
  const kept = storable(msg, message);
  await (await outbox.get()).take({ message: kept, target, instanceId: instanceId ?? id });
  if (instanceId !== undefined) acknowledge(RED, instanceId, message.event.eventId);
}

/** @returns the answer's payload */
async function obey(
  outbox: CallbackOutbox,
  command: Exclude<OutboxCommand, { name: 'migrate' }>,
): Promise<unknown> {
  switch (command.name) {
    case 'status':
      return outbox.status();
    case 'dead-letters':
      return lettersForFlow(await outbox.deadLetters(command.page));
    case 'replay':
      return { replayed: await outbox.replayDead(command.letters) };
    case 'drop':
      return { dropped: await outbox.dropDead(command.letters) };
    case 'enable':
      await outbox.enable(command.target);
      return outbox.status();
  }
}
