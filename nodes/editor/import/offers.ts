import { callbacksOf, nameOf } from './callbacks';
import { choiceOf, type Choice, type Option } from './choice';
import { knownCredentials } from './credentials';
import { chosenServer, textOfDialog, type PollDialog } from './dialog';
import type { Creation, Plan, Update } from './plan';
import type { Recognised } from './recognise';
import { callbackSettings, serverSettings } from './settings';

type Deed = () => Promise<Creation | Update> | undefined;

/** What an import may do beside filling in the form, as choices for the user. */
export interface Offers {
  element: JQuery;
  /** What was chosen. */
  plan: () => Promise<Plan>;
}

export function offersFor(dialog: PollDialog, found: Recognised): Offers {
  const server = serverChoice(dialog, found);
  const callback = callbackChoice(dialog, found);
  const choices = [server, callback].filter((choice) => choice !== undefined);
  return {
    element: $('<div>').append(choices.map(({ element }) => element)),
    plan: async () => {
      const [forServer, forCallback] = await Promise.all([server?.value()(), callback?.value()()]);
      return {
        ...(forServer ? { server: forServer } : {}),
        ...(forCallback ? { callback: forCallback } : {}),
      };
    },
  };
}

function serverChoice(dialog: PollDialog, { server }: Recognised): Choice<Deed> | undefined {
  if (server === undefined || RED.nodes.getType('sagecrm-config') === undefined) return undefined;
  const text = textOfDialog(dialog);
  const settings = serverSettings(server);
  const chosen = chosenServer(dialog);
  const options: [Option<Deed>, ...Option<Deed>[]] = [leave(text('import.server.leave'))];
  if (server.subdomain !== '') {
    options.push({ label: text('import.server.create'), value: () => create(settings) });
  }
  if (chosen !== null) {
    options.push({
      label: text('import.server.update', { name: nameOf(chosen) }),
      value: () => update(chosen, settings),
    });
  }
  const isSame = chosen?.subdomain === server.subdomain;
  const usual = isSame ? options.length - 1 : Math.min(1, options.length - 1);
  return choiceOf('sagecrm-import-server', text('import.server.legend'), options, usual);
}

function callbackChoice(dialog: PollDialog, { callback }: Recognised): Choice<Deed> | undefined {
  if (callback === undefined || RED.nodes.getType('sagecrm-callback') === undefined) {
    return undefined;
  }
  const text = textOfDialog(dialog);
  const present = callbacksOf(dialog.form.node);
  const updates = present.map((node) => ({
    label: text('import.callback.update', { name: nameOf(node) }),
    value: () => update(node, callbackSettings(callback, node.headers)),
  }));
  const options: [Option<Deed>, ...Option<Deed>[]] = [
    leave(text('import.callback.leave')),
    { label: text('import.callback.create'), value: () => create(callbackSettings(callback)) },
    ...updates,
  ];
  const usual = present.length > 0 ? 2 : 1;
  return choiceOf('sagecrm-import-callback', text('import.callback.legend'), options, usual);
}

function leave(label: string): Option<Deed> {
  return { label, value: () => undefined };
}

function create(settings: Creation['settings']): Promise<Creation> {
  return Promise.resolve({ action: 'create', id: RED.nodes.id(), settings });
}

async function update(node: Update['node'], settings: Update['settings']): Promise<Update> {
  return { action: 'update', node, settings, known: await knownCredentials(node) };
}
