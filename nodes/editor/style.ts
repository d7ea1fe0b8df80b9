import { CONNECTION_TEST_CSS } from './connection-test/style';
import { TRY_CSS } from './try/style';
import { WEBHOOK_CSS } from './webhook/style';

import { IMPORT_CSS } from './import/style';
import { SIDEBAR_CSS } from './sidebar/sidebar-css';

const ID = 'sagecrm-editor-style';

/** Only Node-RED's own colours, so that the forms follow its light and dark themes. */
const CSS = `
.sagecrm-form h4 {
  margin: 22px 0 10px;
  padding-bottom: 4px;
  border-bottom: 1px solid var(--red-ui-secondary-border-color);
  font-size: 14px;
  font-weight: 600;
  color: var(--red-ui-primary-text-color);
}
.sagecrm-form [hidden] { display: none !important; }
.sagecrm-form .form-row > label { width: 150px; }
.sagecrm-form .form-row > input[type="text"],
.sagecrm-form .form-row > input[type="password"],
.sagecrm-form .form-row > select { width: calc(100% - 156px); }
.sagecrm-form .sagecrm-measure > input { width: 90px; margin-right: 4px; }
.sagecrm-form .sagecrm-check { margin-bottom: 8px; }
.sagecrm-form .form-row.sagecrm-check-row { padding-left: 155px; }
.sagecrm-form input[type="checkbox"] { width: auto; margin: 0 4px 0 0; vertical-align: baseline; }
.sagecrm-form .sagecrm-check label,
.sagecrm-form .sagecrm-check-row > label { display: inline; width: auto; }
.sagecrm-problem { color: var(--red-ui-text-color-error); }
.sagecrm-hint { color: var(--red-ui-secondary-text-color-inactive); }
.sagecrm-problem, .sagecrm-hint {
  margin-top: 3px;
  font-size: 12px;
  line-height: 1.4;
  overflow-wrap: anywhere;
}
.sagecrm-form .form-row > .sagecrm-problem,
.sagecrm-form .form-row > .sagecrm-hint { margin-left: 155px; }
/* Node-RED 4.1 labels its buttons in a grey that is too pale to read easily. */
.sagecrm-form { --red-ui-workspace-button-color: var(--red-ui-secondary-text-color-inactive); }
.sagecrm-preview { font-family: var(--red-ui-monospace-font); }
.sagecrm-lead { margin-bottom: 8px; }
.sagecrm-insecure {
  margin: 6px 0 0 155px;
  padding: 6px 10px;
  border-left: 3px solid var(--red-ui-border-color-warning);
  background: var(--red-ui-secondary-background);
  color: var(--red-ui-primary-text-color);
}
.sagecrm-insecure .fa { color: var(--red-ui-text-color-warning); }
.sagecrm-form .sagecrm-field { min-width: 0; margin-bottom: 8px; }
.sagecrm-form .sagecrm-field > label { display: block; width: auto; margin-bottom: 2px; }
.sagecrm-form .sagecrm-field > input,
.sagecrm-form .sagecrm-field > textarea { width: 100%; box-sizing: border-box; margin: 0; }
.sagecrm-form textarea.sagecrm-url {
  font-family: var(--red-ui-monospace-font);
  font-size: 12px;
  line-height: 1.4;
  resize: vertical;
}
.sagecrm-columns {
  display: grid;
  grid-template-columns: repeat(auto-fit, minmax(130px, 1fr));
  gap: 0 10px;
}
#node-input-resource-list .red-ui-editableList-item-handle { top: 23px; }
.sagecrm-dates { grid-template-columns: minmax(0, 5fr) minmax(0, 6fr) minmax(0, 3fr); }
.sagecrm-resource-header { display: flex; align-items: center; gap: 4px; }
.sagecrm-resource-header > input[type="checkbox"] { flex: none; }
.sagecrm-resource-toggle {
  flex: 1;
  min-width: 0;
  display: flex;
  align-items: center;
  gap: 8px;
  padding: 4px;
  border: 0;
  border-radius: 2px;
  background: none;
  color: var(--red-ui-primary-text-color);
  text-align: left;
}
.sagecrm-resource-toggle:hover { background: var(--red-ui-list-item-background-hover); }
.sagecrm-resource-toggle:focus-visible {
  outline: 1px solid var(--red-ui-form-input-focus-color);
}
.sagecrm-resource-toggle > .fa:first-child { flex: none; width: 10px; }
.sagecrm-resource-key { flex: none; font-weight: 600; }
.sagecrm-resource-summary {
  flex: 1;
  min-width: 0;
  overflow: hidden;
  text-overflow: ellipsis;
  white-space: nowrap;
  font-family: var(--red-ui-monospace-font);
  font-size: 12px;
  color: var(--red-ui-secondary-text-color-inactive);
}
.sagecrm-resource-warning { color: var(--red-ui-text-color-error); }
.sagecrm-resource-body { padding: 10px 4px 2px 22px; }
.sagecrm-form fieldset { min-width: 0; margin: 0 0 4px; padding: 0; border: 0; }
.sagecrm-form legend {
  margin: 4px 0;
  padding: 0;
  border: 0;
  width: auto;
  font-size: 13px;
  font-weight: 600;
  line-height: 1.4;
  color: var(--red-ui-primary-text-color);
}
.sagecrm-check > .sagecrm-hint { margin: 1px 0 0 18px; }
.sagecrm-below-check { margin-left: 18px; }
.sagecrm-advanced { margin-bottom: 8px; }
.sagecrm-advanced > summary { margin-bottom: 8px; cursor: pointer; }
.sagecrm-header {
  display: grid;
  grid-template-columns: 2fr 3fr auto;
  gap: 6px;
  align-items: start;
}
.sagecrm-form .sagecrm-header .sagecrm-field { margin: 0; }
${WEBHOOK_CSS}`;

/** Adds the forms' style sheet to the page, once. */
export function addStyle(): void {
  if (document.getElementById(ID) !== null) return;
  $('<style>')
    .attr('id', ID)
    .text([CSS, CONNECTION_TEST_CSS, TRY_CSS, IMPORT_CSS, SIDEBAR_CSS].join(''))
    .appendTo(document.head);
}
