import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import tseslint from 'typescript-eslint';

/** What each project may import, beside the packages that every project may. Enforced with a canary: tools/canary. */
const only = (name, onlyDependOnLibsWithTags, bannedExternalImports = []) => ({
  sourceTag: `name:${name}`,
  onlyDependOnLibsWithTags,
  ...(bannedExternalImports.length > 0 ? { bannedExternalImports } : {}),
});

const lib = (...names) => names.map((name) => `name:${name}`);
const ONNX = ['onnxruntime-node', 'onnxruntime-common'];
const DATABASE = ['typeorm', 'pg', '@nestjs/typeorm'];
const NATS = ['@nats-io/*', 'nats'];
const NEST = ['@nestjs/*'];
/** Packages that only the child process which decodes or recognises may load. */
const SERVICE = [...ONNX, ...DATABASE, ...NATS];

export const depConstraints = [
  { sourceTag: 'type:app', onlyDependOnLibsWithTags: ['type:lib', 'name:local-servers'] },
  { sourceTag: 'type:lib', onlyDependOnLibsWithTags: ['type:lib', 'name:local-servers'] },
  { sourceTag: 'type:tool', onlyDependOnLibsWithTags: ['type:lib', 'type:tool'] },
  { sourceTag: 'name:contracts', onlyDependOnLibsWithTags: [], allowedExternalImports: ['zod', 'vitest'] },
  only('telemetry', lib('local-servers'), [...SERVICE, ...NEST]),
  only('messaging', lib('contracts', 'telemetry', 'local-servers'), [...ONNX, ...DATABASE]),
  only('platform', lib('contracts', 'telemetry', 'messaging', 'local-servers'), SERVICE),
  only('media', lib('contracts'), [...SERVICE, ...NEST]),
  only('evidence', lib('contracts'), [...SERVICE, ...NEST]),
  only('serving', lib('contracts'), [...SERVICE, ...NEST]),
  only('onnx', lib('contracts', 'serving', 'telemetry'), [...DATABASE, ...NATS, ...NEST]),
  only(
    'inference',
    lib('contracts', 'serving', 'onnx', 'telemetry', 'messaging', 'platform', 'local-servers'),
    SERVICE,
  ),
  only('gateway', lib('contracts', 'messaging', 'platform', 'telemetry', 'media', 'local-servers'), SERVICE),
  only('router', lib('contracts', 'messaging', 'platform', 'telemetry', 'local-servers'), SERVICE),
  only(
    'ocr-certification',
    lib('contracts', 'messaging', 'platform', 'telemetry', 'media', 'evidence', 'local-servers'),
    SERVICE,
  ),
  only('session', lib('contracts', 'messaging', 'platform', 'telemetry', 'local-servers'), [
    ...ONNX,
    ...NATS,
  ]),
  ...['text-inference', 'vision-inference', 'speech-inference'].map((name) =>
    only(
      name,
      lib(
        'contracts',
        'messaging',
        'platform',
        'telemetry',
        'serving',
        'onnx',
        'inference',
        'media',
        'local-servers',
      ),
      SERVICE,
    ),
  ),
];

export default tseslint.config(
  { ignores: ['**/dist/**', '**/node_modules/**', '.nx/**', '.trivium/**', 'tools/canary/**'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    plugins: { '@nx': nx },
    languageOptions: { globals: { console: 'readonly', process: 'readonly', setTimeout: 'readonly' } },
    rules: {
      '@nx/enforce-module-boundaries': [
        'error',
        {
          enforceBuildableLibDependency: false,
          checkNestedExternalImports: false,
          allow: [],
          depConstraints,
        },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-extraneous-class': 'off', // Nest modules are classes without members
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-invalid-void-type': 'off',
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['../../*'], message: 'Source is two levels deep at most.' }] },
      ],
      'no-console': 'error',
    },
  },
  { files: ['tools/**'], rules: { 'no-console': 'off' } },
  prettier,
);
