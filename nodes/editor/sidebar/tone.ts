/** The colours of Node-RED's own node statuses. */
export type Tone = 'green' | 'blue' | 'yellow' | 'red' | 'grey';
