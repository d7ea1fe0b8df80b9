import { SageCrmError, type ErrorCode } from '../errors/sagecrm-error';
import { causesOf, networkFaultOf, type NetworkFault } from '../http/network-fault';

/**
 * The error for a try that got no answer.
 *
 * @param where the receiver's origin, without path, query and user
 */
export function networkFault(thrown: unknown, where: string): SageCrmError {
  const known = causesOf(thrown).find((error) => error instanceof SageCrmError);
  if (known !== undefined) return known;
  const [code, what, nextStep] = explain(networkFaultOf(thrown), where);
  return new SageCrmError(code, what, nextStep);
}

/** The error for a try that took longer than it may. */
export function timeoutFault(where: string, timeoutMs: number): SageCrmError {
  return new SageCrmError(
    'TIMEOUT',
    `${where} did not answer within ${timeoutMs / 1000} s`,
    'check that the receiver is up, or give it more time in the callback node',
  );
}

/** The error for a delivery that ended because its owner did. */
export function abortedFault(): SageCrmError {
  return new SageCrmError(
    'ABORTED',
    'The delivery was stopped',
    'it ended with the node, when the flow was deployed or Node-RED stopped',
  );
}

function explain(fault: NetworkFault, where: string): [ErrorCode, string, string] {
  if (fault.kind === 'proxy') {
    return [
      'UNREACHABLE',
      `The proxy opened no connection (status ${fault.status})`,
      'check the proxy, its user name and password, and whether it may reach the receiver',
    ];
  }
  const reason = fault.code === undefined ? '' : ` (${fault.code})`;
  switch (fault.kind) {
    case 'tls':
      return [
        'TLS_FAILED',
        `No secure connection to ${where}${reason}`,
        'check the certificate of the receiver, or add its authority in a TLS configuration',
      ];
    case 'timeout':
      return [
        'TIMEOUT',
        `${where} could not be reached in time${reason}`,
        'check the callback URL, the network and the proxy',
      ];
    case 'unreachable':
      return [
        'UNREACHABLE',
        `${where} could not be reached${reason}`,
        'check the callback URL, the network and the proxy, and that the receiver is up',
      ];
  }
}
