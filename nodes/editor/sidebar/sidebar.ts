import { addStyle } from '../style';
import { LiveSidebar } from './live';
import { text } from './text';

const TAB = 'sagecrm-sidebar';
const ACTION = 'sagecrm:show-sidebar-tab';

/** Adds the tab "Sage CRM" to the editor's sidebar, and an action that opens it. Call it once. */
export function addSidebar(): void {
  addStyle();
  const live = new LiveSidebar();
  const show = (): void => {
    RED.sidebar.show(TAB);
  };
  RED.actions.add(ACTION, show, { label: text('tab.show') });
  RED.sidebar.addTab({
    id: TAB,
    label: text('tab.label'),
    name: text('tab.name'),
    iconClass: 'fa fa-address-book-o',
    content: $(live.element),
    enableOnEdit: true,
    action: ACTION,
  });
  RED.comms.subscribe('sagecrm/changed', (_topic, message) => {
    live.take(message);
  });
  const refresh = (): void => {
    live.refresh();
  };
  for (const event of ['deploy', 'login']) RED.events.on(event, refresh);
  RED.comms.on('connect', refresh);
}
