/** One of several things to do, as radio buttons. */
export interface Choice<Value> {
  element: JQuery;
  value: () => Value;
}

export interface Option<Value> {
  label: string;
  value: Value;
}

/** @param name tells the group apart from others on the page */
export function choiceOf<Value>(
  name: string,
  legend: string,
  options: readonly [Option<Value>, ...Option<Value>[]],
  chosen: number,
): Choice<Value> {
  const element = $('<fieldset>');
  $('<legend>').text(legend).appendTo(element);
  options.forEach(({ label }, index) => {
    const input = $('<input type="radio">').attr({ name, value: index });
    $('<label>')
      .append(input.prop('checked', index === chosen), document.createTextNode(label))
      .appendTo(element);
  });
  return {
    element,
    value: () => (options[Number(element.find('input:checked').val())] ?? options[0]).value,
  };
}
