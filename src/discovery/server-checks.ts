import type { ConfigProperties } from '../config/config-properties';
import { parseServerAddress } from '../config/server-address';
import type { Api } from '../sagecrm/source';
import type { ApiFindings } from './api-probe';
import type { Session } from './session';
import { failed, failedBy, passed, skipped, warned, type Verdict } from './test-step';

const API_NAMES: Readonly<Record<Api, string>> = {
  hub: 'the hub API',
  sdata: "Sage CRM's own API",
};

/** Clocks further apart than this make a poll's figures hard to read. */
const GREATEST_SKEW_MS = 60_000;

export function checkAddress({ subdomain }: ConfigProperties): Verdict {
  const { baseUrl, insecure } = parseServerAddress(subdomain);
  if (!insecure) return passed(`The address is ${baseUrl}`, { baseUrl });
  return warned(
    `The address is ${baseUrl}: the password and the records go over the network unencrypted`,
    'use it on a trusted network only, or set up TLS on the server and leave out http://',
    { baseUrl },
  );
}

export async function checkLogOn(session: Session): Promise<Verdict> {
  const { fatal, answers, suggestedInstall } = await session.apis();
  if (fatal !== undefined) return { ...failedBy(fatal), ends: true };
  if (answers.length > 0) return passed('The server answers and accepts the log-on');
  const where = suggestedInstall === undefined ? 'no API of Sage CRM' : 'no API at this install';
  return warned(
    `The server answers, but it has ${where}, so the log-on could not be tried`,
    'see the next steps of this test',
  );
}

export async function checkApi(session: Session): Promise<Verdict> {
  const findings = await session.apis();
  const apis = findings.answers.map(({ api }) => api);
  const [inUse] = apis;
  if (inUse === undefined) return noApi(findings);
  const names = apis.map((api) => API_NAMES[api]).join(' and ');
  const both = apis.length > 1 ? `; polls use ${API_NAMES[inUse]}` : '';
  const verb = apis.length > 1 ? 'answer' : 'answers';
  return passed(`${capital(names)} ${verb}${both}`, { api: inUse, apis });
}

function noApi({ refusals }: ApiFindings): Verdict {
  const said = refusals.map(({ api, error }) => `${API_NAMES[api]}: ${error.what}`).join('; ');
  return failed(
    `No API answers (${said})`,
    'check the subdomain with its base path, the install name, and that the web API is switched on for the user and the server',
    { apis: [] },
  );
}

export async function checkInstall(session: Session): Promise<Verdict> {
  const findings = await session.apis();
  const { install } = session.options.properties;
  if (await session.answersSData()) return passed(`The install name ${install} is right`);
  if (findings.answers.length > 0) return skipped('The hub API needs no install name');
  return { ...missingInstall(findings, install), ends: true };
}

function missingInstall(findings: ApiFindings, install: string): Verdict {
  const { asked, triedInstalls, suggestedInstall } = findings;
  if (!asked.includes('sdata')) return skipped('The hub API needs no install name');
  if (suggestedInstall !== undefined) {
    return failed(
      `The server has no install ${install}, but it has ${suggestedInstall}`,
      `set the install name to ${suggestedInstall} and test again`,
      { suggestedInstall },
    );
  }
  const tried = triedInstalls.length === 0 ? '' : `, nor ${triedInstalls.join(' or ')}`;
  return failed(
    `The server does not know the install ${install}${tried}`,
    'take the install name from the address of Sage CRM in the browser: it is the part after the host, as in https://host/crm',
    { triedInstalls },
  );
}

export function checkClock(session: Session): Verdict {
  const { time } = session.options.prober;
  if (time === undefined) {
    return skipped('The server does not tell its time', 'compare its clock with this one by hand');
  }
  const skewSeconds = Math.round((time.server - time.own) / 1000);
  const facts = { skewSeconds };
  const figure = `${Math.abs(skewSeconds)} s ${skewSeconds < 0 ? 'behind' : 'ahead of'} this one`;
  if (Math.abs(time.server - time.own) <= GREATEST_SKEW_MS) {
    return passed(`The server's clock is right (${figure})`, facts);
  }
  return warned(
    `The server's clock is ${figure}`,
    'no record is lost by it, but set both clocks by a time server',
    facts,
  );
}

export async function checkOrderBy(session: Session): Promise<Verdict> {
  if ((await session.apiInUse()) !== 'sdata') return skipped('The hub API is asked for no order');
  const order = await session.order();
  if (order === undefined) return skipped('There are no dates to order by');
  const { honoured, column, refusal } = order;
  if (honoured === undefined) {
    return skipped(`The records are too few or too much alike in ${column} to show an order`);
  }
  if (honoured) return passed(`The server orders by ${column} when asked`, { honoured, column });
  const how = refusal === undefined ? 'ignores' : 'refuses';
  return warned(
    `The server ${how} orderBy`,
    'nothing to do: no record is lost by it; Sage CRM 2024 R2 and later order records',
    { honoured, column },
  );
}

export async function checkDateLiteral(session: Session): Promise<Verdict> {
  if ((await session.apiInUse()) !== 'sdata') {
    return skipped('The hub API takes the where clause as it is written');
  }
  const finding = await session.literal();
  if (finding === undefined) return skipped('There are no dates to compare with');
  const { literal, whereIgnored, refusals } = finding;
  if (literal === undefined) {
    const said = refusals.map(({ what }) => what).join('; ') || 'it finds no record';
    return failed(
      `The server takes dates in a where clause neither as @…@ nor as '…' (${said})`,
      'ask the administrator of Sage CRM which where clauses on dates its web API takes',
    );
  }
  const facts = { dateLiteral: literal, whereHonoured: !whereIgnored };
  const { dateLiteral: chosen } = session.options.properties;
  if (chosen !== 'auto' && chosen !== literal) {
    return failed(
      `The server does not take dates in a where clause as ${chosen}…${chosen}`,
      `set the date literal to ${literal}, or to automatic`,
      facts,
    );
  }
  if (!whereIgnored) {
    return passed(`Dates in a where clause are written as ${literal}…${literal}`, facts);
  }
  return warned(
    'The server ignores the where clause',
    'every poll reads all records; poll less often, or ask the administrator of Sage CRM',
    facts,
  );
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
