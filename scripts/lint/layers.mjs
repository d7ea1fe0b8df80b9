import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

/**
 * What each folder of src may import of the others: dependencies point one way. The table in
 * docs/architecture.md says the same, with what each folder is for.
 */
export const LAYERS = {
  errors: { values: [], types: [] },
  json: { values: [], types: [] },
  effects: { values: [], types: [] },
  template: { values: ['errors'], types: [] },
  event: { values: ['errors'], types: [] },
  http: { values: ['errors', 'effects'], types: [] },
  redis: { values: ['errors', 'effects', 'http'], types: [] },
  config: { values: ['errors', 'template'], types: [] },
  sagecrm: {
    values: ['errors', 'json', 'effects', 'template', 'http'],
    types: ['event', 'config'],
  },
  store: { values: ['errors', 'json', 'effects', 'redis'], types: ['event'] },
  poll: {
    values: ['errors', 'json', 'effects', 'template', 'event', 'redis', 'sagecrm', 'store'],
    types: ['config'],
  },
  delivery: {
    values: ['errors', 'json', 'effects', 'event', 'http', 'redis', 'config', 'store'],
    types: [],
  },
  discovery: {
    values: ['errors', 'effects', 'template', 'event', 'config', 'sagecrm'],
    types: [],
  },
  preview: {
    values: ['errors', 'effects', 'template', 'event', 'sagecrm', 'poll'],
    types: ['config'],
  },
  monitor: {
    values: ['errors', 'json', 'effects', 'store'],
    types: ['event', 'poll', 'delivery'],
  },
};

/** Holds `LAYERS` against every import of a file in src, however deep the file lies. */
export const layers = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const { filename } = context;
    const own = folderOf(filename);

    function check(node, specifier, isTypeOnly) {
      const message = complaint(own, filename, specifier, isTypeOnly);
      if (message !== undefined) context.report({ node, message });
    }

    return {
      Program(node) {
        if (own === undefined) context.report({ node, message: 'A file of src lies in a folder.' });
        else if (!(own in LAYERS)) {
          context.report({ node, message: `src/${own} has no row in scripts/lint/layers.mjs.` });
        }
      },
      ImportDeclaration(node) {
        check(node, node.source.value, node.importKind === 'type');
      },
      'ExportNamedDeclaration[source], ExportAllDeclaration'(node) {
        check(node, node.source.value, node.exportKind === 'type');
      },
      TSImportType(node) {
        check(node, node.source.value, true);
      },
      ImportExpression(node) {
        check(node, node.source.value, false);
      },
      "CallExpression[callee.name='require']"(node) {
        check(node, node.arguments[0]?.value, false);
      },
      TSExternalModuleReference(node) {
        check(node, node.expression.value, false);
      },
    };
  },
};

function complaint(own, filename, specifier, isTypeOnly) {
  if (typeof specifier !== 'string') return 'The linter must see what is imported.';
  if (/^@?node-red/.test(specifier)) return 'src never imports Node-RED.';
  if (!specifier.startsWith('.')) return undefined;
  const target = path.resolve(path.dirname(filename), specifier);
  const other = folderOf(target);
  if (other === undefined) return `src never imports what lies outside of it, as ${specifier}.`;
  if (other === own) return undefined;
  const { values, types } = LAYERS[own] ?? { values: [], types: [] };
  if (values.includes(other)) return undefined;
  if (!types.includes(other)) return `src/${own} must not depend on ${other}.`;
  return isTypeOnly ? undefined : `src/${own} may use the types of ${other} only.`;
}

/** The folder of src in which a file lies; undefined outside of src. */
function folderOf(file) {
  const [top, folder, ...rest] = path.relative(ROOT, file).split(path.sep);
  return top === 'src' && rest.length > 0 ? folder : undefined;
}
