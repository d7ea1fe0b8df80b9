import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { NodeInitializer } from './node-red';

/** Starts a server on loopback; resolves to its address. */
export async function listen(server: http.Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function close(server: http.Server): Promise<void> {
  server.close();
  server.closeAllConnections();
  await once(server, 'close');
}

/** Serves the app for admin routes, which the test helper makes anew with each flow and serves nowhere. */
export class AdminServer {
  /** Permissions by route, where `serveNoting` was loaded. */
  readonly permissions = new Map<string, string>();

  private constructor(
    private readonly server: http.Server,
    private readonly url: string,
  ) {}

  static async start(): Promise<AdminServer> {
    const server = http.createServer();
    return new AdminServer(server, await listen(server));
  }

  /** To be loaded before the nodes. */
  readonly serve: NodeInitializer = (RED) => {
    this.server.removeAllListeners('request').on('request', RED.httpAdmin);
  };

  /** The same, with everybody let in, and the permission noted that each route asks for. */
  readonly serveNoting: NodeInitializer = (RED) => {
    this.serve(RED);
    let asked = '';
    RED.auth = {
      needsPermission(permission) {
        asked = permission;
        return (_request, _response, next) => {
          next();
        };
      },
    };
    const add = RED.httpAdmin.post.bind(RED.httpAdmin) as (...args: unknown[]) => unknown;
    Reflect.set(RED.httpAdmin, 'post', (route: string, ...handlers: unknown[]) => {
      this.permissions.set(route, asked);
      return add(route, ...handlers);
    });
  };

  /** @param path such as `/sagecrm-poll/try` */
  post(path: string, body: object, more: RequestInit = {}): Promise<Response> {
    return fetch(this.url + path, {
      method: 'POST',
      body: JSON.stringify(body),
      ...more,
      headers: { 'content-type': 'application/json', ...(more.headers as object | undefined) },
    });
  }

  close(): Promise<void> {
    return close(this.server);
  }
}
