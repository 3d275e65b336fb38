import tseslint from 'typescript-eslint';

/** Files in which bytes and array slots are indexed on the packet path, where `!` is allowed. */
const HOT = ['src/core/**', 'src/capture/**', 'src/decode/**', 'src/flow/**'];
const TESTS = ['**/*.test.ts', 'test/**', '**/build.ts', 'scripts/**', 'captures/**', 'src/sdk/testing.ts'];

export default tseslint.config(
  { ignores: ['dist/**', 'dist.*/**', 'node_modules/**', 'coverage/**', '.bench/**'] },
  ...tseslint.configs.strict,
  {
    rules: {
      complexity: ['error', 16],
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      eqeqeq: 'error',
      'no-console': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  { files: HOT, rules: { '@typescript-eslint/no-non-null-assertion': 'off' } },
  {
    files: TESTS,
    rules: {
      'max-lines-per-function': 'off',
      'max-lines': ['error', { max: 600 }],
      complexity: 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      'no-console': 'off',
    },
  },
  { files: ['**/*.js', '**/*.mjs', '**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
);
