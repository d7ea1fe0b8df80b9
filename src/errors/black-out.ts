/** Secrets shorter than this would black out parts of ordinary words. */
const SHORTEST_SECRET = 4;

/** Blacks out secrets in a text of somebody else, who may repeat in it what they were sent. */
export function blackOut(secrets: readonly string[]): (text: string) => string {
  // A secret that holds another one must go first, or the rest of it would stay.
  const known = secrets
    .filter((secret) => secret.length >= SHORTEST_SECRET)
    .sort((one, other) => other.length - one.length);
  return (text) => known.reduce((shown, secret) => shown.replaceAll(secret, '•••'), text);
}
