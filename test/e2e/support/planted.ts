/** Secrets that a test plants in credentials, and the forms in which one could come out. */

export type Planted = Readonly<Record<string, string>>;

/** Where a secret may begin within the groups of three bytes that base64 is made of. */
const OFFSETS = [0, 1, 2];

/** The names of the secrets that are in a text, in whatever form. */
export function leaks(text: string, planted: Planted): string[] {
  return Object.entries(planted)
    .filter(([, secret]) => formsOf(secret).some((form) => text.includes(form)))
    .map(([name]) => name);
}

function formsOf(secret: string): string[] {
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    Buffer.from(secret).toString('hex'),
    ...OFFSETS.flatMap((offset) => {
      const form = base64Within(secret, offset);
      return [form, form.replaceAll('+', '-').replaceAll('/', '_')];
    }),
  ];
}

/** The part of the base64 of a longer text, such as `user:secret`, that the secret alone decides. */
function base64Within(secret: string, offset: number): string {
  const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]);
  const whole = bytes.subarray(0, bytes.length - (bytes.length % 3)).toString('base64');
  return whole.slice(offset === 0 ? 0 : offset + 1);
}
