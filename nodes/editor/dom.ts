/** Small builders for the rows that Node-RED's own forms have no markup for. */

/** A push button with an icon and a name for screen readers, which is its tooltip as well. */
export function iconButton(icon: string, name: string, onClick: () => void): JQuery {
  const button = $('<button type="button" class="red-ui-button red-ui-button-small">');
  button.attr({ 'aria-label': name, title: name });
  $('<i aria-hidden="true">').addClass(`fa ${icon}`).appendTo(button);
  return button.on('click', onClick);
}

/** A labelled text field, the label above it. */
export function labelledField(id: string, label: string, input: JQuery): JQuery {
  const wrap = $('<div class="sagecrm-field">');
  $('<label>').attr('for', id).text(label).appendTo(wrap);
  return wrap.append(input.attr('id', id));
}

/** A checkbox with its label behind it. */
export function labelledCheckbox(id: string, label: string, checkbox: JQuery): JQuery {
  const wrap = $('<div class="sagecrm-check">');
  return wrap.append(checkbox.attr('id', id), $('<label>').attr('for', id).text(label));
}

export function textInput(): JQuery {
  return $('<input type="text" autocomplete="off" spellcheck="false">');
}

export function checkbox(): JQuery {
  return $('<input type="checkbox">');
}

/** Text of a field that this module made; absent fields are empty. */
export function textIn(input: JQuery): string {
  const value = input.val();
  return typeof value === 'string' ? value : '';
}

/** The IANA zones of this browser, with the two names that configurations use most. */
export function zoneList(id: string): JQuery {
  const list = $('<datalist>').attr('id', id);
  for (const zone of new Set(['UTC', 'GMT', ...Intl.supportedValuesOf('timeZone')])) {
    $('<option>').attr('value', zone).appendTo(list);
  }
  return list;
}
