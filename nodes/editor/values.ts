/** Reading and writing property values as a form needs them: text in, the tidiest value out. */

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a text field shows for a property; objects never reach a text field. */
export function textOf(value: unknown): string {
  const plain = ['string', 'number', 'boolean'].includes(typeof value);
  return plain ? String(value) : '';
}

/** Plain decimal text becomes a number; anything else, `${NAME}` included, stays text. */
export function numberOrText(text: string): number | string {
  const trimmed = text.trim();
  return /^[+-]?(\d+(\.\d*)?|\.\d+)$/.test(trimmed) ? Number(trimmed) : trimmed;
}

/** A flag that may be missing, or the text that an imported instance holds. */
export function flagOf(value: unknown, fallback: boolean): boolean {
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  return fallback;
}

/** `wanted`, or the first of `wanted2`, `wanted3`, … that is not taken. */
export function uniqueName(wanted: string, taken: ReadonlySet<string>): string {
  if (!taken.has(wanted)) return wanted;
  const stem = wanted.replace(/\d+$/, '');
  let number = 2;
  while (taken.has(`${stem}${number}`)) number += 1;
  return `${stem}${number}`;
}

/** True when both would be saved as the same JSON. */
export function sameJson(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
