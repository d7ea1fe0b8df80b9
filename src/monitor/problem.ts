import { toldError } from '../errors/told-error';
import type { ProblemView } from './overview';

export function problemView(error: unknown, at: number): ProblemView {
  return { at, ...toldError(error) };
}
