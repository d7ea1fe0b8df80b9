import { defaultResources } from '../config/defaults';
import type { ConfigCredentials, ConfigProperties } from '../config/config-properties';
import { parseOrThrow } from '../config/problems';
import { resourcesSchema, type Resource } from '../config/resources';
import type { Clock } from '../effects/clock';
import { SageCrmError } from '../errors/sagecrm-error';
import type { CrmClient } from '../sagecrm/client';
import { lacksMetadata } from './entities';
import { Prober } from './prober';
import { checkResource } from './resource-check';
import {
  checkAddress,
  checkApi,
  checkClock,
  checkDateLiteral,
  checkInstall,
  checkLogOn,
  checkOrderBy,
} from './server-checks';
import { Session } from './session';
import {
  failedBy,
  passed,
  redactor,
  skipped,
  warned,
  type TestStep,
  type TestStepId,
  type Verdict,
} from './test-step';
import { checkZone } from './zone-check';

export type { TestStep } from './test-step';

export interface ConnectionTestOptions {
  properties: ConfigProperties;
  credentials: ConfigCredentials;
  /** A client of its own for the test, to the server and with the log-on above; not closed here. */
  client: CrmClient;
  /** Resources to check; the first is also the one the server is probed with. Default: accounts. */
  resources?: readonly Resource[];
  clock: Clock;
}

interface Check {
  id: TestStepId;
  resource?: string;
  run: () => Verdict | Promise<Verdict>;
}

/**
 * Tests a configuration step by step, with few and small requests and one log-on attempt. A refused
 * log-on, or a server that is not reached, ends the test: what follows is skipped.
 *
 * @throws SageCrmError `ABORTED` once the signal is aborted
 */
export async function* testConnection(
  options: ConnectionTestOptions,
  signal: AbortSignal,
): AsyncGenerator<TestStep, void, void> {
  const redact = redactor(options.credentials);
  let ended = false;
  for (const check of checksOf(options, signal)) {
    const verdict: Verdict = ended
      ? skipped('Not tested, because an earlier step failed')
      : await judged(check, signal);
    ended ||= verdict.ends === true;
    yield stepOf(check, verdict, redact);
  }
}

function stepOf(
  { id, resource }: Check,
  { outcome, message, nextStep, facts }: Verdict,
  redact: (text: string) => string,
): TestStep {
  return {
    id,
    ...(resource !== undefined && { resource }),
    outcome,
    message: redact(message),
    ...(nextStep !== undefined && { nextStep: redact(nextStep) }),
    ...(facts !== undefined && { facts }),
  };
}

function checksOf(options: ConnectionTestOptions, signal: AbortSignal): Check[] {
  const { properties, credentials, client, clock } = options;
  const resources = options.resources ?? [];
  const probe = resources[0] ?? defaultProbe();
  const prober = new Prober(client, clock, signal);
  const session = new Session({ prober, properties, credentials, probe });
  return [
    { id: 'address', run: () => checkAddress(properties) },
    { id: 'logon', run: () => checkLogOn(session) },
    { id: 'api', run: () => checkApi(session) },
    { id: 'install', run: () => checkInstall(session) },
    { id: 'clock', run: () => checkClock(session) },
    { id: 'zone', run: () => checkZone(session) },
    { id: 'entities', run: () => checkEntities(session, resources) },
    ...resources.map((resource): Check => ({
      id: 'resource',
      resource: resource.key,
      run: () => checkResource(session, resource),
    })),
    { id: 'orderBy', run: () => checkOrderBy(session) },
    { id: 'dateLiteral', run: () => checkDateLiteral(session) },
  ];
}

/** The accounts exactly as documented: every Sage CRM has companies. */
function defaultProbe(): Resource {
  const { accounts } = defaultResources();
  const [probe] = parseOrThrow(resourcesSchema, { accounts });
  if (probe === undefined) throw new Error('the documented resources hold no accounts');
  return probe;
}

async function judged(check: Check, signal: AbortSignal): Promise<Verdict> {
  try {
    return await check.run();
  } catch (error) {
    if (signal.aborted || !(error instanceof SageCrmError)) throw error;
    return failedBy(error);
  }
}

async function checkEntities(session: Session, resources: readonly Resource[]): Promise<Verdict> {
  const given = resources.map(({ key }) => key);
  if (!(await session.answersSData())) {
    return skipped('The hub API does not list its resources', 'write their names by hand');
  }
  try {
    const entities = (await session.entities()).map(({ name }) => name);
    return passed(`Sage CRM lists ${entities.length} entities`, { entities });
  } catch (error) {
    if (!lacksMetadata(error)) throw error;
    return warned(
      'Sage CRM does not list its entities',
      'nothing to do: write the names by hand; columns are taken from sample records',
      { entities: given },
    );
  }
}
