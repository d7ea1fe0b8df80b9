import { checkCallbackProperties } from '../../src/config/callback-properties';
import { checkConfigProperties } from '../../src/config/config-properties';
import { checkPollProperties } from '../../src/config/poll-properties';
import { verdict, type ValidateOptions, type Verdict } from './form';
import type { EditorNode } from './editor-node';
import { textOf } from './values';
import { translationProblems } from './resources/translation';

/**
 * What the nodes' HTML files call, as `sageCrmEditor.…`. Each of them loads this script, because
 * any of them can be disabled alone; so loading it does nothing but define these functions.
 */
export { defaultResources } from '../../src/config/defaults';
export { prepareCallbackForm, saveCallbackForm } from './webhook/form';
export { prepareConfigForm, saveConfigForm } from './config-form';
export { preparePollForm, savePollForm } from './poll-form';
export { addSidebar } from './sidebar/sidebar';

/** Node-RED's `validate` for a property of `sagecrm-config`. */
export function validateConfig(
  node: EditorNode,
  property: string,
  value: unknown,
  options: ValidateOptions,
): Verdict {
  return verdict(node, property, options, checkConfigProperties({ [property]: value }));
}

/** Node-RED's `validate` for a property of `sagecrm-poll`. */
export function validatePoll(
  node: EditorNode,
  property: string,
  value: unknown,
  options: ValidateOptions,
): Verdict {
  const start: unknown = $('#node-input-start').val() ?? node.start;
  const problems = checkPollProperties({ start, [property]: value });
  if (property === 'resources') {
    problems.push(...translationProblems(value, RED.nodes.node(textOf(node.server))));
  }
  return verdict(node, property, options, problems);
}

/** Node-RED's `validate` for a property of `sagecrm-callback`. */
export function validateCallback(
  node: EditorNode,
  property: string,
  value: unknown,
  options: ValidateOptions,
): Verdict {
  const enabled: unknown = $('#node-input-enabled').prop('checked') ?? node.enabled;
  return verdict(node, property, options, checkCallbackProperties({ enabled, [property]: value }));
}
