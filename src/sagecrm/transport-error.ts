import { AxiosError } from 'axios';
import { SageCrmError, type ErrorCode } from '../errors/sagecrm-error';
import { causesOf, networkFaultOf, type NetworkFault } from '../http/network-fault';

type Explanation = [ErrorCode, string, string];

const NETWORK = 'check the subdomain, the network and the proxy; polling goes on by itself';

/** The error for a request that ended because its owner did. */
export function requestAborted(): SageCrmError {
  return new SageCrmError(
    'ABORTED',
    'the request to Sage CRM was called off',
    'nothing to do: it ended with the node, when the flow was deployed or Node-RED stopped',
  );
}

/** Turns a failure below HTTP into our error; the original's config and headers stay out of it. */
export function transportError(thrown: unknown): SageCrmError {
  const known = causesOf(thrown).find((error) => error instanceof SageCrmError);
  if (known !== undefined) return known;
  if (thrown instanceof AxiosError && thrown.code === AxiosError.ERR_CANCELED) {
    return requestAborted();
  }
  const [code, what, nextStep] = clientFault(thrown) ?? explain(networkFaultOf(thrown));
  return new SageCrmError(code, what, nextStep);
}

/** What the HTTP client itself found wrong; it has no codes of its own for these. */
function clientFault(thrown: unknown): Explanation | undefined {
  if (!(thrown instanceof AxiosError)) return undefined;
  if (thrown.message.includes('maxContentLength')) {
    return ['RESPONSE_TOO_LARGE', 'Sage CRM sent too large an answer', 'set a smaller page size'];
  }
  if (thrown.message.includes('abort')) {
    return ['JSON_CUT', "Sage CRM's answer broke off", NETWORK];
  }
  return undefined;
}

function explain(fault: NetworkFault): Explanation {
  if (fault.kind === 'proxy') {
    return [
      'UNREACHABLE',
      `the proxy opened no connection to Sage CRM (status ${fault.status})`,
      'check the proxy, its user name and password, and whether it may reach Sage CRM',
    ];
  }
  const reason = fault.code === undefined ? '' : ` (${fault.code})`;
  switch (fault.kind) {
    case 'tls':
      return [
        'TLS_FAILED',
        `no secure connection to Sage CRM${reason}`,
        'choose a TLS configuration that trusts the server, or write http:// in front of the subdomain of a server without TLS',
      ];
    case 'timeout':
      return ['TIMEOUT', `Sage CRM could not be reached in time${reason}`, NETWORK];
    case 'unreachable':
      return ['UNREACHABLE', `Sage CRM could not be reached${reason}`, NETWORK];
  }
}
