import http from 'node:http';
import axios from 'axios';
import { defaultResources } from '../../../src/config/defaults';
import type { SteadyFigures } from '../parts/steady';
import { inRounds } from './support/loop';
import { PollRig } from './support/poll-rig';
import { runProgram } from './support/program';
import { trafficAt } from './support/traffic';

const POLLS = 200;
const WARM_UP_POLLS = 200;

/** Polls with nothing new over the five documented resources, against five plain requests. */
runProgram(async ({ url, folder, rounds }): Promise<SteadyFigures> => {
  const crm = `${url}/0`;
  const rig = await PollRig.open({ folder, crm, start: { from: 'now' } });
  const agent = new http.Agent({ keepAlive: true });
  const urls = Object.values(defaultResources()).map((resource) => `${crm}${String(resource.url)}`);
  const bare = async (): Promise<void> => {
    for (const each of urls) {
      await axios.get(each, {
        httpAgent: agent,
        auth: { username: 'crm-user', password: 'crm-pass' },
      });
    }
  };
  const poll = () => rig.poll();
  for (let count = 0; count < WARM_UP_POLLS; count += 1) {
    await bare();
    await poll();
  }
  const results = await inRounds(
    rounds,
    () => costOf(bare, url),
    () => costOf(poll, url),
  );
  await rig.close();
  agent.destroy();
  return { rounds: results.map(({ one, other }) => ({ bare: one, ours: other })) };
});

async function costOf(
  act: () => Promise<void>,
  server: string,
): Promise<SteadyFigures['rounds'][number]['bare']> {
  await trafficAt(server);
  const cpu = process.cpuUsage();
  for (let count = 0; count < POLLS; count += 1) await act();
  const { user, system } = process.cpuUsage(cpu);
  const { bytes, requests } = await trafficAt(server);
  return {
    cpuUs: (user + system) / POLLS,
    bytes: bytes / POLLS,
    requests: requests / POLLS,
  };
}
