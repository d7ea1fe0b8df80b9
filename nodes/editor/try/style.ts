export const TRY_CSS = `
.sagecrm-try { margin: 4px 0 10px; }
.sagecrm-try > .sagecrm-hint { margin-left: 8px; }
.sagecrm-try-result:not(:empty) {
  margin-top: 8px;
  padding: 8px 10px;
  border: 1px solid var(--red-ui-secondary-border-color);
  border-radius: 4px;
  background: var(--red-ui-secondary-background);
  color: var(--red-ui-primary-text-color);
  overflow-wrap: anywhere;
}
.sagecrm-try-result p { margin: 0; font-weight: 600; }
.sagecrm-try-problem { margin-top: 6px; }
.sagecrm-try-problem > .fa { margin-right: 6px; color: var(--red-ui-text-color-error); }
.sagecrm-try-warning > .fa { color: var(--red-ui-text-color-warning); }
.sagecrm-form .sagecrm-try-records { margin: 8px 0 0; padding: 0; list-style: none; }
.sagecrm-try-records > li {
  padding: 8px 0;
  border-top: 1px solid var(--red-ui-secondary-border-color);
}
.sagecrm-try-head { display: flex; flex-wrap: wrap; align-items: baseline; gap: 8px; }
.sagecrm-try-badge {
  padding: 0 6px;
  border: 1px solid currentColor;
  border-radius: 8px;
  font-size: 11px;
  line-height: 16px;
}
.sagecrm-try-created { color: var(--red-ui-text-color-success); }
.sagecrm-try-updated { color: var(--red-ui-text-color-link); }
.sagecrm-try-dropped { color: var(--red-ui-secondary-text-color-inactive); }
.sagecrm-try-result dl { display: grid; grid-template-columns: auto 1fr; gap: 2px 10px; margin: 6px 0; }
.sagecrm-try-result dt { font-weight: normal; color: var(--red-ui-secondary-text-color-inactive); }
.sagecrm-try-result dd { display: flex; flex-wrap: wrap; gap: 2px 8px; margin: 0; }
.sagecrm-try-result code {
  padding: 0 3px;
  border: 0;
  background: none;
  color: var(--red-ui-primary-text-color);
  font-family: var(--red-ui-monospace-font);
  font-size: 12px;
  white-space: normal;
}
.sagecrm-try-result pre {
  max-height: 300px;
  margin: 4px 0 0;
  overflow: auto;
  border-color: var(--red-ui-secondary-border-color);
  background: var(--red-ui-form-input-background);
  color: var(--red-ui-primary-text-color);
  font-size: 12px;
}
.sagecrm-try-result summary { cursor: pointer; }
`;
