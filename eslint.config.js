import { defineConfig } from 'eslint/config'
import eslint from '@eslint/js'
import tseslint from 'typescript-eslint'

/**
 * The house, from the top floor to the ground. A room may import from rooms below it and from
 * itself, never from one above: `profile/` knows no verdict, `verdict/` no report, `report/` no
 * service.
 */
const FLOORS = [
  ['main', 'cli'],
  ['commands'],
  ['gate', 'measure', 'quote-sources', 'report-directory', 'result-file', 'stages'],
  ['options'],
  ['github'],
  ['service', 'load'],
  ['snapshot'],
  ['report', 'views'],
  ['exit-status'],
  ['verdict'],
  ['source'],
  ['profile'],
  ['units', 'errors', 'first-abort', 'outlive-output', 'progress', 'secrets', 'signals', 'version'],
]

/** `src/<room>.ts` and everything under `src/<room>/`. */
const roomFiles = (room) => [`src/${room}.ts`, `src/${room}/**/*.ts`]

const neverUp = FLOORS.map((floor, index) => {
  const above = FLOORS.slice(0, index).flat()
  return {
    files: floor.flatMap(roomFiles),
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ...above.map((room) => ({
              regex: `^\\.{1,2}/(.*/)?${room}(\\.ts$|/)`,
              message: `Imports point down the house (eslint.config.js, FLOORS), never up: "${room}" is above this file.`,
            })),
            ...(floor.includes('profile') || floor.includes('verdict') || floor.includes('views')
              ? [
                  {
                    regex:
                      '^(node:|@actions/|autocannon$|(fs|path|os|zlib|util|buffer|process|stream)(/|$))',
                    message:
                      'This room is pure: bytes and data in, data out. It imports nothing that a browser lacks.',
                  },
                ]
              : []),
          ],
        },
      ],
    },
  }
})

export default defineConfig(
  {
    ignores: ['dist/', 'proto/*.js', 'proto/*.d.ts', 'fixtures/', 'node_modules/', 'coverage/'],
  },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'separate-type-imports' },
      ],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/strict-boolean-expressions': [
        'error',
        { allowString: false, allowNumber: false, allowNullableObject: true },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      'no-param-reassign': ['error', { props: true }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-floating-promises': 'error' },
  },
  {
    files: ['scripts/**/*.mjs', '*.js', '*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        Buffer: 'readonly',
        fetch: 'readonly',
        setTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        clearTimeout: 'readonly',
        performance: 'readonly',
        AbortSignal: 'readonly',
      },
    },
  },
  {
    // What a browser has too, and nothing else: bytes and data in, data and text out.
    files: ['profile', 'verdict', 'views'].flatMap(roomFiles),
    rules: {
      'no-restricted-globals': [
        'error',
        'process',
        'Buffer',
        'require',
        '__dirname',
        'setImmediate',
      ],
    },
  },
  ...neverUp,
)
