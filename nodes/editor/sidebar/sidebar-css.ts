/**
 * The tab in the sidebar. Text is in the primary colour even where it is small: the secondary one
 * has too little contrast in the light theme.
 */
export const SIDEBAR_CSS = `
.sagecrm-sidebar {
  height: 100%;
  box-sizing: border-box;
  overflow-y: auto;
  padding: 8px 10px 24px;
  font-size: 13px;
  line-height: 1.45;
  color: var(--red-ui-primary-text-color);
  background: var(--red-ui-secondary-background);
  overflow-wrap: anywhere;
}
.sagecrm-sidebar [hidden] { display: none !important; }
.sagecrm-sidebar h3, .sagecrm-sidebar h4 {
  margin: 0;
  font-weight: 600;
  line-height: 1.45;
  color: var(--red-ui-primary-text-color);
}
.sagecrm-sidebar h3 { font-size: 14px; }
.sagecrm-sidebar h4 { display: inline; font-size: 13px; }
.sagecrm-sidebar section { margin-bottom: 14px; }
.sagecrm-sidebar p { margin: 4px 0; }
.sagecrm-sidebar ul, .sagecrm-sidebar ol { margin: 0; padding: 0; list-style: none; }
.sagecrm-sidebar code {
  padding: 0;
  border: 0;
  background: none;
  font-size: 11px;
  color: inherit;
  white-space: normal;
}
.sagecrm-sidebar .red-ui-button { color: var(--red-ui-primary-text-color) !important; }
.sagecrm-sidebar .red-ui-button:disabled {
  color: var(--red-ui-workspace-button-color-disabled) !important;
  cursor: default;
}
.sagecrm-sidebar .red-ui-button-small { height: 24px; line-height: 22px; font-size: 12px; }
.sagecrm-sidebar .red-ui-button .fa + span:not(:empty) { margin-left: 5px; }
.sagecrm-sidebar .red-ui-button[aria-busy] { opacity: 0.6; }
.sagecrm-sidebar button:focus-visible, .sagecrm-sidebar summary:focus-visible {
  outline: 2px solid var(--red-ui-form-input-focus-color);
  outline-offset: 1px;
}
.sagecrm-sidebar summary { cursor: pointer; }
.sagecrm-sidebar summary h3 { display: inline; }
.sagecrm-sb-small { font-size: 12px; }
.sagecrm-sb-note { font-style: italic; }
.sagecrm-sb-wrong { color: var(--red-ui-text-color-error); }
.sagecrm-sb-fold { margin: 6px 0; }
.sagecrm-sb-filters { display: flex; flex-wrap: wrap; gap: 6px; margin: 6px 0; }
.sagecrm-sb-filters .button-group { flex: 0 0 100%; display: flex; }
.sagecrm-sb-filters .button-group > button { flex: 1; }
.sagecrm-sb-filters .button-group > button.selected {
  font-weight: 600;
  background: var(--red-ui-secondary-background-selected);
}
.sagecrm-sidebar .sagecrm-sb-filters select {
  flex: 1 1 110px;
  width: auto;
  min-width: 0;
  margin: 0;
}
.sagecrm-sb-chart svg {
  display: block;
  width: 100%;
  height: 96px;
  border-bottom: 1px solid var(--red-ui-primary-border-color);
}
.sagecrm-sb-axis, .sagecrm-sb-spread { display: flex; justify-content: space-between; }
.sagecrm-sb-legend { display: flex; flex-wrap: wrap; gap: 2px 14px; margin-top: 4px; }
.sagecrm-sb-chart rect.sagecrm-sb-area { fill: transparent; }
.sagecrm-sb-chart g:hover rect.sagecrm-sb-area { fill: var(--red-ui-secondary-background-hover); }
.sagecrm-sb-chart rect.sagecrm-sb-created { fill: var(--red-ui-node-status-colors-green); }
.sagecrm-sb-chart rect.sagecrm-sb-updated { fill: var(--red-ui-node-status-colors-blue); }
.sagecrm-sb-chart rect.sagecrm-sb-deleted { fill: var(--red-ui-node-status-colors-red); }
.sagecrm-sb-chart table { width: 100%; font-size: 12px; }
.sagecrm-sb-chart th, .sagecrm-sb-chart td { padding: 1px 4px; text-align: right; }
.sagecrm-sb-chart th:first-child, .sagecrm-sb-chart td:first-child { text-align: left; }
.sagecrm-sb-dot {
  display: inline-block;
  width: 9px;
  height: 9px;
  margin-right: 5px;
  border-radius: 2px;
}
.sagecrm-sb-dot.sagecrm-sb-green, .sagecrm-sb-dot.sagecrm-sb-created {
  background: var(--red-ui-node-status-colors-green);
}
.sagecrm-sb-dot.sagecrm-sb-blue, .sagecrm-sb-dot.sagecrm-sb-updated {
  background: var(--red-ui-node-status-colors-blue);
}
.sagecrm-sb-dot.sagecrm-sb-red, .sagecrm-sb-dot.sagecrm-sb-deleted {
  background: var(--red-ui-node-status-colors-red);
}
.sagecrm-sb-dot.sagecrm-sb-yellow { background: var(--red-ui-node-status-colors-yellow); }
.sagecrm-sb-dot.sagecrm-sb-grey { background: var(--red-ui-node-status-colors-grey); }
.sagecrm-sb-card {
  margin-top: 6px;
  padding: 6px 8px;
  border: 1px solid var(--red-ui-secondary-border-color);
  border-radius: 4px;
}
.sagecrm-sb-head { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 10px; }
.sagecrm-sidebar .sagecrm-sb-name {
  padding: 0;
  border: 0;
  background: none;
  font-size: 13px;
  font-weight: 600;
  text-align: left;
  color: inherit;
}
.sagecrm-sb-name:hover { text-decoration: underline; }
.sagecrm-sb-state { white-space: nowrap; }
.sagecrm-sb-buttons { display: flex; flex-wrap: wrap; gap: 4px; margin: 6px 0; }
.sagecrm-sb-line { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 10px; }
.sagecrm-sb-resources > li, .sagecrm-sb-letters > li {
  padding: 4px 0;
  border-top: 1px solid var(--red-ui-secondary-border-color);
}
.sagecrm-sb-problem {
  margin: 4px 0;
  padding: 4px 8px;
  border-left: 3px solid var(--red-ui-border-color-error);
  background: var(--red-ui-secondary-background);
}
.sagecrm-sb-problem .fa-exclamation-triangle { color: var(--red-ui-text-color-error); }
.sagecrm-sb-problem-message { font-weight: 600; }
.sagecrm-sb-problems > li { margin-top: 6px; }
.sagecrm-sb-events > li { display: flex; gap: 8px; padding: 1px 0; }
.sagecrm-sb-events > li > time { flex: none; font-variant-numeric: tabular-nums; }
.sagecrm-sb-notice {
  margin-bottom: 10px;
  padding: 8px 10px;
  border: 1px solid var(--red-ui-secondary-border-color);
  border-left: 3px solid var(--red-ui-border-color-warning);
  border-radius: 4px;
}
.sagecrm-sb-notice p:first-child { font-weight: 600; }
.sagecrm-sb-notice button { margin-top: 4px; }
.sagecrm-sb-form {
  margin: 6px 0;
  padding: 8px;
  border: 1px solid var(--red-ui-secondary-border-color);
  border-radius: 4px;
}
.sagecrm-sidebar .sagecrm-sb-form input[type="datetime-local"] {
  width: 100%;
  height: 30px;
  box-sizing: border-box;
  margin: 2px 0;
  padding: 2px 6px;
  border: 1px solid var(--red-ui-form-input-border-color);
  border-radius: 4px;
  color: var(--red-ui-form-text-color);
  background: var(--red-ui-form-input-background);
}
.sagecrm-sidebar .sagecrm-sb-form input.input-error {
  border-color: var(--red-ui-form-input-border-error-color);
}
.sagecrm-sb-choices { min-width: 0; margin: 6px 0 0; padding: 0; border: 0; }
.sagecrm-sb-choices legend {
  margin: 0;
  border: 0;
  font-size: 13px;
  line-height: 1.45;
  color: inherit;
}
.sagecrm-sb-choices label { display: inline-block; margin: 0 12px 0 0; }
.sagecrm-sb-choices input { margin: 0; vertical-align: baseline; }
.sagecrm-sb-warning { border-left: 3px solid var(--red-ui-border-color-warning); padding-left: 8px; }
`;
