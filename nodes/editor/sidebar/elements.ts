/** Builders for the sidebar, whose rows are many and live long. */

export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  className = '',
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  if (className !== '') element.className = className;
  element.append(...children);
  return element;
}

/** An icon of Font Awesome that says nothing by itself. */
export function icon(name: string): HTMLElement {
  const element = make('i', `fa ${name}`);
  element.setAttribute('aria-hidden', 'true');
  return element;
}

/** Touches the page only for a change, so that selections and screen readers are left in peace. */
export function setText(element: HTMLElement, value: string): void {
  if (element.textContent !== value) element.textContent = value;
}

/** Undefined takes the attribute away. */
export function setAttribute(element: Element, name: string, value: string | undefined): void {
  if (value === undefined) element.removeAttribute(name);
  else if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** A heading whose section is named after it. */
export function section(id: string, title: string): HTMLElement {
  const heading = make('h3', '', title);
  heading.id = id;
  const element = make('section', '', heading);
  element.setAttribute('aria-labelledby', id);
  return element;
}
