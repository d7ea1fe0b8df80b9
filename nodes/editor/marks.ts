/**
 * Shows `message` in red under `field` and ties it to the field for screen readers. A fold around
 * the field opens, so that nothing wrong is hidden.
 */
export function mark(field: JQuery, message: string | undefined): void {
  const id = `${field.attr('id') ?? ''}-problem`;
  const shown = document.getElementById(id);
  field.toggleClass('input-error', message !== undefined);
  if (message === undefined) {
    field.removeAttr('aria-invalid').removeAttr('aria-describedby');
    shown?.remove();
    return;
  }
  field.attr({ 'aria-invalid': 'true', 'aria-describedby': id });
  field.closest('details').prop('open', true);
  if (shown !== null) {
    shown.textContent = message;
    return;
  }
  $('<div class="sagecrm-problem" role="status">')
    .attr('id', id)
    .text(message)
    .insertAfter(anchorOf(field));
}

/** A configuration-node picker sits in a wrapper with its buttons: the message goes below those. */
function anchorOf(field: JQuery): JQuery {
  const parent = field.parent();
  return parent.hasClass('form-row') || parent.hasClass('sagecrm-field') ? field : parent;
}
