/** Tests run the sources through swc; workers and the built program are tested in child processes. */
export default {
  testEnvironment: 'node',
  // Jest leaves one core unused by default: on two that is half of the machine.
  maxWorkers: '100%',
  roots: ['<rootDir>/src', '<rootDir>/protocols', '<rootDir>/test', '<rootDir>/scripts'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'es6' } },
    ],
  },
};
