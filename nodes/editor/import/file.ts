import { LARGEST_FILE } from './recognise';

/** The text of a file; rejects when it is larger than an instance can be. */
export function readFile(file: File): Promise<string> {
  if (file.size > LARGEST_FILE) return Promise.reject(new RangeError(`${file.name} is too large`));
  return file.text();
}

/** Calls `onFile` for a file that is dropped onto `zone`, and shows where it may be dropped. */
export function takeDroppedFile(zone: JQuery, onFile: (file: File) => void): void {
  zone.on('dragover', (event) => {
    event.preventDefault();
    event.stopPropagation();
    zone.addClass('sagecrm-drop');
  });
  zone.on('dragleave', () => {
    zone.removeClass('sagecrm-drop');
  });
  zone.on('drop', (event) => {
    event.stopPropagation();
    zone.removeClass('sagecrm-drop');
    const [file] = event.originalEvent?.dataTransfer?.files ?? [];
    // Dropped text goes into the text field by itself.
    if (file === undefined) return;
    event.preventDefault();
    onFile(file);
  });
}
