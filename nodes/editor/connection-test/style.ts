export const CONNECTION_TEST_CSS = `
.sagecrm-test { margin-bottom: 12px; }
.sagecrm-test-buttons { display: flex; gap: 6px; }
.sagecrm-test-summary:not(:empty) {
  margin-top: 8px;
  color: var(--red-ui-primary-text-color);
  font-weight: 600;
  overflow-wrap: anywhere;
}
.sagecrm-test-summary > .fa { margin-right: 6px; }
.sagecrm-form .sagecrm-test-steps {
  margin: 8px 0 0;
  padding: 8px 10px;
  border: 1px solid var(--red-ui-secondary-border-color);
  border-radius: 4px;
  background: var(--red-ui-secondary-background);
  list-style: none;
}
.sagecrm-test-steps:empty { display: none; }
.sagecrm-test-steps > li { display: flex; gap: 8px; padding: 3px 0; line-height: 1.4; }
.sagecrm-test-steps > li > .fa { flex: none; width: 14px; margin-top: 3px; text-align: center; }
.sagecrm-test-body { flex: 1; min-width: 0; color: var(--red-ui-primary-text-color); overflow-wrap: anywhere; }
.sagecrm-test-body > strong { margin-right: 6px; font-weight: 600; }
.sagecrm-test-body > .red-ui-button { margin: 4px 0 0 6px; }
.sagecrm-next-step { font-weight: normal; }
.sagecrm-test-pass > .fa { color: var(--red-ui-text-color-success); }
.sagecrm-test-warning > .fa { color: var(--red-ui-text-color-warning); }
.sagecrm-test-failure > .fa { color: var(--red-ui-text-color-error); }
.sagecrm-test-skipped > .fa,
.sagecrm-test-skipped > .sagecrm-test-body { color: var(--red-ui-secondary-text-color-inactive); }
`;
