import type { Node, NodeAPI, NodeDef, NodeMessageInFlow } from 'node-red';
import {
  callbackCredentialsSchema,
  callbackPropertiesSchema,
  type CallbackCredentials,
  type CallbackProperties,
} from '../../src/config/callback-properties';
import { parseOrThrow } from '../../src/config/problems';
import { Deliverer, type Outcome, type Retry } from '../../src/delivery/deliverer';
import { endpointOf } from '../../src/delivery/endpoint';
import { laneOf, readCallbackInput, type CallbackInput } from '../../src/delivery/input';
import { httpTransport } from '../../src/delivery/transport';
import { systemClock } from '../../src/effects/clock';
import { SageCrmError } from '../../src/errors/sagecrm-error';
import { createEnvelope } from '../../src/event/envelopes/create-envelope';
import type { RenderedEnvelope } from '../../src/event/envelopes/envelope';
import { asError, onClose } from '../runtime/lifecycle';
import { readNetwork } from '../runtime/network';
import { refuseToStart } from '../runtime/refuse';
import { StatusLine } from '../runtime/status-line';

type CallbackNode = Node<Partial<CallbackCredentials>>;

/** `msg.delivery` of every message that leaves this node, or comes to a Catch node from it. */
interface DeliveryReport {
  status: 'delivered' | 'failed' | 'disabled';
  /** The status of the last answer, where there was one. */
  statusCode?: number;
  attempts: number;
  /** The webhook's id: the event's own. */
  id: string;
}

type OnInput = (
  msg: NodeMessageInFlow,
  send: (msg: NodeMessageInFlow) => void,
  done: (error?: Error) => void,
) => void;

function textFor(RED: NodeAPI, key: string, values: Record<string, string | number> = {}): string {
  return RED._(`sagecrm-callback.${key}`, values);
}

/** Shows how deliveries go in the node's status. */
class DeliveryStatus {
  private delivered = 0;

  constructor(private readonly line: StatusLine) {}

  sending(pending: number): void {
    this.line.show('blue', 'dot', 'sending', { number: pending });
  }

  retry({ attempt, error }: Retry): void {
    this.line.show('yellow', 'ring', 'retry', { attempt, cause: causeOf(error) });
  }

  outcome(outcome: Outcome, pending: number): void {
    if (outcome.status === 'failed') {
      this.line.show('red', 'ring', 'failed', { cause: causeOf(outcome.error) });
      return;
    }
    this.delivered += 1;
    if (pending > 0) this.sending(pending);
    else this.line.show('green', 'dot', 'delivered', { number: this.delivered });
  }
}

/** Short enough for a status: the HTTP status, else the code of what went wrong at last. */
function causeOf({ code, details, cause }: SageCrmError): string {
  if (cause instanceof SageCrmError) return causeOf(cause);
  return details.statusCode === undefined ? code : `HTTP ${details.statusCode}`;
}

function start(RED: NodeAPI, node: CallbackNode, definition: NodeDef): void {
  try {
    const properties = parseOrThrow(callbackPropertiesSchema, definition);
    if (properties.enabled) startDelivering(RED, node, properties);
    else startPassing(RED, node);
  } catch (error) {
    refuseToStart(RED, node, asError(error));
  }
}

function startDelivering(RED: NodeAPI, node: CallbackNode, properties: CallbackProperties): void {
  const credentials = parseOrThrow(callbackCredentialsSchema, node.credentials, 'credentials');
  const clock = systemClock();
  const line = new StatusLine(RED, node, clock);
  const status = new DeliveryStatus(line);
  const endpoint = endpointOf(properties, credentials);
  const envelope = createEnvelope(properties.format, credentials.signatureKey);
  const transport = httpTransport({
    ...readNetwork(RED, properties),
    env: process.env,
    allowPrivate: properties.allowPrivate,
    connectTimeoutMs: endpoint.timeoutMs,
    clock,
  });
  const deliverer = new Deliverer({
    endpoint,
    transport,
    clock,
    random: Math.random,
    onRetry: (retry) => {
      status.retry(retry);
    },
  });

  const render = (input: CallbackInput): RenderedEnvelope =>
    envelope.render([withInstanceName(RED, properties.server, input)], {
      instanceId: input.instanceId ?? node.id,
      now: clock.now(),
    });

  const deliver = async (msg: NodeMessageInFlow): Promise<Outcome> => {
    const input = readCallbackInput(msg);
    const delivering = deliverer.deliver({
      lane: laneOf(input.message),
      webhook: render(input),
    });
    status.sending(deliverer.pending);
    const outcome = await delivering;
    status.outcome(outcome, deliverer.pending);
    msg.delivery = reportOf(outcome);
    return outcome;
  };

  onInput(node, (msg, send, done) => {
    deliver(msg).then(
      (outcome) => {
        if (outcome.status === 'failed') {
          done(outcome.error);
          return;
        }
        send(msg);
        done();
      },
      (error: unknown) => {
        // Stopped with the node: counted and told of when it closes.
        if (!(error instanceof SageCrmError && error.code === 'ABORTED')) done(asError(error));
      },
    );
  });

  onClose(node, async () => {
    line.close();
    const left = await deliverer.close();
    if (left > 0) node.warn(textFor(RED, 'error.undelivered', { number: left }));
  });
}

/** Events of a configuration node without a name take the name of the one chosen here. */
function withInstanceName(RED: NodeAPI, server: string, { message }: CallbackInput) {
  if (message.event.instanceName !== '' || server === '') return message;
  const configuration = RED.nodes.getNode(server) as Node | null;
  return { ...message, event: { ...message.event, instanceName: configuration?.name ?? '' } };
}

function reportOf({ status, statusCode, attempts, id }: Outcome): DeliveryReport {
  return { status, ...(statusCode === undefined ? {} : { statusCode }), attempts, id };
}

function startPassing(RED: NodeAPI, node: CallbackNode): void {
  node.status({ fill: 'grey', shape: 'ring', text: textFor(RED, 'status.disabled') });
  onInput(node, (msg, send, done) => {
    try {
      const { message } = readCallbackInput(msg);
      const report: DeliveryReport = { status: 'disabled', attempts: 0, id: message.event.eventId };
      msg.delivery = report;
    } catch (error) {
      done(asError(error));
      return;
    }
    send(msg);
    done();
  });
}

function onInput(node: CallbackNode, listener: OnInput): void {
  node.on('input', listener);
}

export = function (RED: NodeAPI): void {
  RED.nodes.registerType<CallbackNode, NodeDef, object, Partial<CallbackCredentials>>(
    'sagecrm-callback',
    function (this: CallbackNode, definition: NodeDef) {
      RED.nodes.createNode(this, definition);
      start(RED, this, definition);
    },
    {
      credentials: {
        signatureKey: { type: 'password' },
        username: { type: 'text' },
        password: { type: 'password' },
      },
    },
  );
};
