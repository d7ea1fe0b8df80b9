import type { ApiRequest } from './answer';
import type { SimulatorOptions } from './options';

/** Basic authentication, in the header the classic SData pages know too. */
export function hasBasicAccess(request: ApiRequest, options: SimulatorOptions): boolean {
  const { username = 'crm-user', password = 'crm-pass' } = options;
  const expected = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  return request.authorization === expected || request.sageAuthorization === expected;
}

/** The hub API's own form: `User …, Organization …, Element …`. */
export function hasElementAccess(request: ApiRequest, options: SimulatorOptions): boolean {
  const secrets = options.elementAuth;
  if (secrets === undefined || request.authorization === undefined) return false;
  const given = request.authorization.split(',').map((part) => part.trim());
  return [
    `User ${secrets.userSecret}`,
    `Organization ${secrets.organizationSecret}`,
    `Element ${secrets.elementToken}`,
  ].every((part) => given.includes(part));
}
