/** Import and export in the poll node's dialog. */
export const IMPORT_CSS = `
.sagecrm-transfer-buttons { display: flex; gap: 6px; }
.sagecrm-transfer-panel > .sagecrm-transfer-buttons { margin-top: 10px; }
#node-input-transfer .red-ui-button:not(:disabled):not(.primary) {
  color: var(--red-ui-primary-text-color) !important;
}
.sagecrm-transfer-panel {
  margin-top: 10px;
  padding: 10px 12px;
  border: 1px solid var(--red-ui-secondary-border-color);
  border-radius: 4px;
  background: var(--red-ui-secondary-background);
  color: var(--red-ui-primary-text-color);
}
.sagecrm-transfer-panel.sagecrm-drop {
  border-style: dashed;
  border-color: var(--red-ui-form-input-focus-color);
}
.sagecrm-form .sagecrm-transfer-panel label { width: auto; }
.sagecrm-form .sagecrm-transfer-panel textarea {
  width: 100%;
  box-sizing: border-box;
  margin: 0 0 6px;
  color: var(--red-ui-form-text-color);
  font-family: var(--red-ui-monospace-font);
  font-size: 12px;
  line-height: 1.4;
  resize: vertical;
}
.sagecrm-transfer-panel ul { margin: 6px 0; padding-left: 20px; }
.sagecrm-transfer-panel li { line-height: 1.5; overflow-wrap: anywhere; }
.sagecrm-transfer-panel code {
  padding: 0;
  border: 0;
  background: none;
  color: inherit;
  font-family: var(--red-ui-monospace-font);
  font-size: 12px;
  white-space: normal;
}
.sagecrm-transfer-problems { color: var(--red-ui-text-color-error); }
.sagecrm-transfer-notes { color: var(--red-ui-secondary-text-color-inactive); }
.sagecrm-form .sagecrm-transfer-panel fieldset { margin: 8px 0; }
.sagecrm-form .sagecrm-transfer-panel fieldset label { display: block; margin-bottom: 2px; }
.sagecrm-form .sagecrm-transfer-panel input[type="radio"] {
  width: auto;
  margin: 0 6px 0 0;
  vertical-align: baseline;
}
.sagecrm-transfer-pending {
  margin-top: 8px;
  padding: 6px 10px;
  border-left: 3px solid var(--red-ui-border-color-success);
  background: var(--red-ui-secondary-background);
  color: var(--red-ui-primary-text-color);
}
.sagecrm-transfer-pending ul { margin: 2px 0 6px; padding-left: 20px; }
`;
