import js from '@eslint/js';
import html from 'eslint-plugin-html';
import globals from 'globals';
import tseslint from 'typescript-eslint';

/**
 * Dependencies point one way: each layer names the folders it must not reach for, and those of which
 * it may use the types only. `monitor` is for the nodes alone.
 */
function layer(folder, forbidden, typesOnly = []) {
  const outOfReach = folder === 'monitor' ? forbidden : [...forbidden, 'monitor'];
  return {
    files: [`src/${folder}/**/*.ts`],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { regex: '^node-red|^@node-red', message: 'src never imports Node-RED.' },
            ...outOfReach.map((name) => ({
              regex: `^\\.\\./(${name})(/|$)`,
              message: `src/${folder} must not depend on ${name}.`,
            })),
            ...typesOnly.map((name) => ({
              regex: `^\\.\\./(${name})(/|$)`,
              allowTypeImports: true,
              message: `src/${folder} may use the types of ${name} only.`,
            })),
          ],
        },
      ],
    },
  };
}

/** What the lowest layers must not reach for. */
const UPPER_LAYERS = [
  '.*/nodes',
  'config',
  'template',
  'sagecrm',
  'poll',
  'event',
  'store',
  'delivery',
  'discovery',
];

export default tseslint.config(
  { ignores: ['dist/', 'resources/', 'coverage/', '.build/', 'node_modules/', 'test/runtimes/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 14],
    },
  },
  layer('errors', UPPER_LAYERS),
  layer('template', [
    '.*/nodes',
    'config',
    'sagecrm',
    'poll',
    'event',
    'store',
    'delivery',
    'discovery',
  ]),
  layer('redis', UPPER_LAYERS),
  layer('event', ['.*/nodes', 'config', 'sagecrm', 'poll', 'store', 'delivery', 'discovery']),
  layer('config', ['.*/nodes', 'sagecrm', 'poll', 'store', 'delivery', 'discovery']),
  layer('sagecrm', ['.*/nodes', 'poll', 'store', 'delivery', 'discovery']),
  layer('store', ['.*/nodes', 'sagecrm', 'poll', 'delivery', 'discovery']),
  layer('poll', ['.*/nodes', 'delivery', 'discovery']),
  layer('delivery', ['.*/nodes', 'sagecrm', 'poll', 'discovery']),
  layer('discovery', ['.*/nodes', 'poll', 'store', 'delivery']),
  layer(
    'monitor',
    ['.*/nodes', 'config', 'template', 'http', 'sagecrm', 'discovery', 'preview'],
    ['poll', 'delivery', 'event'],
  ),
  layer('preview', ['.*/nodes', 'store', 'delivery', 'discovery']),
  {
    files: ['nodes/editor/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        'process',
        'Buffer',
        'global',
        'setImmediate',
        '__dirname',
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      'max-lines': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
    },
  },
  {
    files: ['nodes/**/*.html'],
    plugins: { html },
    languageOptions: {
      sourceType: 'script',
      globals: {
        ...globals.browser,
        ...globals.jquery,
        RED: 'readonly',
        sageCrmEditor: 'readonly',
      },
    },
  },
);
