import { compileUrlTemplate } from '../../src/template/url-template';
import { resolveZone } from '../../src/template/zone';

/**
 * A URL with its dates filled in, in a readable form; empty for a URL that is refused, undefined for
 * one that holds no date to read from.
 *
 * @param now epoch milliseconds
 */
export function previewOf(url: string, now: number): string | undefined {
  if (url.trim() === '') return '';
  try {
    const template = compileUrlTemplate(url, resolveZone('UTC'));
    if (!template.hasLowerBound) return undefined;
    return decodeURIComponent(template.render({ from: now, now }));
  } catch {
    return '';
  }
}
