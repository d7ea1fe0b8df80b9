import { defaultResources } from '../../../src/config/defaults';
import type { FlowNode } from '../../support/node-red';

const { accounts = {} } = defaultResources();

/** The user of the simulator, for the flow's server node. */
export const LOG_ON = { server: { username: 'crm-user', password: 'crm-pass' } };

interface PollFlow {
  /** Of the simulator. */
  host: string;
  start: 'now' | 'all';
  /** Further properties of the server node. */
  server: object;
}

/** A poll node of one resource that polls on request, its events and its reports. */
export function pollFlow({ host, start, server }: PollFlow): FlowNode[] {
  return [
    { id: 'tab', type: 'tab', label: 'flow' },
    { id: 'server', type: 'sagecrm-config', subdomain: `http://${host}`, ...server },
    {
      ...{ id: 'poll', z: 'tab', type: 'sagecrm-poll', server: 'server', start },
      ...{ interval: 0, report: true, resources: { accounts }, wires: [['out'], ['report']] },
    },
    { id: 'out', z: 'tab', type: 'helper', wires: [] },
    { id: 'report', z: 'tab', type: 'helper', wires: [] },
  ];
}
