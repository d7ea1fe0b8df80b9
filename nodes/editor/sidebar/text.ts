/** The editor loads the texts of plugins before those of nodes, so that all of our forms have them. */
const CATALOG = '@sagecrm-events/node-red-sagecrm/sagecrm-sidebar:sagecrm-sidebar';

/** The text for a key of the sidebar's locale file. */
export function text(key: string, values: Record<string, unknown> = {}): string {
  return RED._(`${CATALOG}.${key}`, values);
}

/** The language of the editor, such as `en-US`, for dates and numbers. */
export function locale(): string {
  return RED.i18n.lang();
}
