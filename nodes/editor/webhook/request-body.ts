import { fieldValue, type Form } from '../form';
import type { EditorNode } from '../editor-node';
import { valuesInForm } from '../node-values';
import { readResources } from '../resources/set';
import { isObject, textOf } from '../values';
import { collectHeaders } from './headers';

/** The dialog as it stands, for the routes that show and try what the node would send. */
export function requestBody(form: Form): object {
  const values = valuesInForm(form);
  return {
    ...values,
    properties: { ...values.properties, headers: collectHeaders(form.node) },
    sample: sampleOf(form),
  };
}

/** What an event of the poll node that is wired to this one says of where it comes from. */
function sampleOf(form: Form): object {
  const { node } = form;
  const poll = RED.nodes
    .filterLinks({ target: { id: node.id } })
    .map(({ source }) => source)
    .find(({ type }) => type === 'sagecrm-poll');
  const server = RED.nodes.node(textOf(poll?.server));
  const own = RED.nodes.node(textOf(fieldValue(form, 'server')));
  return {
    instanceId: (poll ?? node).id,
    resource: firstResource(poll),
    instanceName: textOf(server?.name) || textOf(own?.name),
    tags: Array.isArray(server?.tags) ? server.tags.map(textOf) : [],
  };
}

function firstResource(poll: EditorNode | undefined): string {
  const resources = poll === undefined ? undefined : readResources(poll.resources);
  const polled = resources?.find(({ value }) => isObject(value) && value.enabled !== false);
  return polled?.key ?? 'accounts';
}
