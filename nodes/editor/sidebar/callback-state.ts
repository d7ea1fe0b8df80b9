import type { CallbackOverview } from '../../../src/monitor/overview';
import type { Tone } from './tone';

/** A callback node's state in one word, and its colour. */
export interface CallbackState {
  key: 'off' | 'stopped' | 'gone' | 'open' | 'halfOpen' | 'delivering' | 'idle';
  tone: Tone;
}

export function callbackState({ enabled, outbox }: CallbackOverview): CallbackState {
  if (!enabled) return { key: 'off', tone: 'grey' };
  if (outbox === undefined) return { key: 'stopped', tone: 'red' };
  if (outbox.gone.length > 0) return { key: 'gone', tone: 'red' };
  if (outbox.breaker === 'open') return { key: 'open', tone: 'red' };
  if (outbox.breaker === 'half-open') return { key: 'halfOpen', tone: 'yellow' };
  return outbox.depth > 0 ? { key: 'delivering', tone: 'blue' } : { key: 'idle', tone: 'green' };
}
