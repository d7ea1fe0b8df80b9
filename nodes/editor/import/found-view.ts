import type { Problem } from '../../../src/config/problems';
import { flagOf } from '../values';
import type { Text } from './dialog';
import type { Note } from './note';
import type { Recognised } from './recognise';

/** Lists what is wrong with a file, with the paths. */
export function problemList(problems: readonly Problem[], text: Text): JQuery {
  const items = problems.map(({ path, message }) => pathItem(path, message));
  return $('<div class="sagecrm-transfer-problems">').append(
    $('<div>').text(text('import.problems')),
    $('<ul>').append(items),
  );
}

/** Tells what a file was understood to say. */
export function foundList(found: Recognised, text: Text): JQuery {
  const lines = [...serverLines(found, text), ...pollLines(found, text)];
  const list = $('<ul class="sagecrm-transfer-found">').append(
    lines.map((line) => $('<li>').text(line)),
  );
  if (found.notes.length === 0) return list;
  const notes = found.notes.map((note) => pathItem(note.path, noteText(note, text)));
  return list.add($('<ul class="sagecrm-transfer-notes">').append(notes));
}

function serverLines({ server, callback }: Recognised, text: Text): string[] {
  return [
    ...(server?.name ? [text('import.found.instance', { name: server.name })] : []),
    ...(server?.subdomain ? [text('import.found.server', { host: server.subdomain })] : []),
    ...(callback
      ? [
          text(callback.enabled ? 'import.found.callback' : 'import.found.callbackOff', {
            url: callback.url,
          }),
        ]
      : []),
  ];
}

function pollLines({ poll }: Recognised, text: Text): string[] {
  const names = Object.entries(poll.resources).map(([name, { enabled }]) =>
    flagOf(enabled, true) ? name : text('import.found.off', { name }),
  );
  return [
    ...(poll.interval === undefined
      ? []
      : [text('import.found.interval', { minutes: poll.interval })]),
    text('import.found.resources', { names: names.join(', ') }),
  ];
}

function noteText({ reason }: Note, text: Text): string {
  switch (reason) {
    case 'unknown':
      return text('import.note.unknown');
    case 'secret':
      return text('import.note.secret');
    case 'gap':
      return text('import.note.gap');
  }
}

function pathItem(path: string, message: string): JQuery {
  const item = $('<li>');
  if (path !== '') item.append($('<code>').text(path), document.createTextNode(': '));
  return item.append(document.createTextNode(message));
}
