/** The parts of the callback dialog that show a request, a key and an answer. */
export const WEBHOOK_CSS = `
.sagecrm-form .sagecrm-key { display: inline-flex; gap: 6px; width: calc(100% - 156px); }
.sagecrm-form .sagecrm-key > input { flex: 1; min-width: 0; width: auto; margin: 0; }
.sagecrm-form .sagecrm-key > button { flex: none; }
.sagecrm-new-key {
  margin: 6px 0 0 155px;
  padding: 8px 10px;
  border-left: 3px solid var(--red-ui-border-color-warning);
  background: var(--red-ui-secondary-background);
}
.sagecrm-form .sagecrm-new-key > .sagecrm-key { width: 100%; }
.sagecrm-form .sagecrm-new-key input { font-family: var(--red-ui-monospace-font); }
.sagecrm-key-note { margin-bottom: 6px; color: var(--red-ui-primary-text-color); }
.sagecrm-trial { margin-bottom: 18px; }
.sagecrm-fold { margin: 0 0 12px; }
.sagecrm-fold > summary { margin-bottom: 6px; cursor: pointer; }
.sagecrm-form pre.sagecrm-request,
.sagecrm-form pre.sagecrm-answer {
  max-height: 320px;
  margin: 4px 0;
  padding: 8px 10px;
  overflow: auto;
  border: 1px solid var(--red-ui-secondary-border-color);
  border-radius: 2px;
  background: var(--red-ui-secondary-background);
  color: var(--red-ui-primary-text-color);
  font-family: var(--red-ui-monospace-font);
  font-size: 12px;
  line-height: 1.4;
  white-space: pre-wrap;
  overflow-wrap: anywhere;
  word-break: normal;
}
.sagecrm-form pre.sagecrm-answer { max-height: 120px; }
.sagecrm-request-line { font-weight: 600; }
.sagecrm-request-name { color: var(--red-ui-secondary-text-color-inactive); }
.sagecrm-test-result { margin-top: 8px; line-height: 1.5; overflow-wrap: anywhere; }
.sagecrm-test-result .sagecrm-good { color: var(--red-ui-text-color-success); }
.sagecrm-test-result .sagecrm-bad { color: var(--red-ui-text-color-error); }
`;
