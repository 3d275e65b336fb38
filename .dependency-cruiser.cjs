/**
 * Who may import whom (docs/ARCHITECTURE.md). Each room of src/ lists the rooms that it may see;
 * everything else is an error, and so is a cycle.
 */
const ROOMS = {
  core: [],
  event: ['core'],
  sdk: ['core', 'event'],
  capture: ['core'],
  decode: ['core'],
  flow: ['core', 'capture', 'decode'],
  detect: ['core', 'capture', 'decode', 'flow', 'event', 'sdk'],
  dissect: ['core', 'capture', 'decode', 'flow', 'event', 'sdk', 'detect', 'files'],
  files: ['core', 'capture', 'decode', 'flow', 'event', 'sdk'],
  session: ['core', 'capture', 'decode', 'flow', 'event', 'sdk', 'detect', 'dissect', 'files'],
  classify: ['core', 'event'],
  sink: ['core', 'event', 'classify'],
  report: ['core', 'event', 'classify'],
  // A sink with a memory: it keeps what the other sinks tell, as they tell it.
  archive: ['core', 'event', 'classify', 'sink'],
  app: [
    'core',
    'event',
    'sdk',
    'capture',
    'decode',
    'flow',
    'detect',
    'dissect',
    'files',
    'session',
    'classify',
    'sink',
    'report',
    'archive',
  ],
  cli: ['core', 'event', 'app', 'capture', 'decode', 'classify', 'sink', 'report', 'archive'],
};

const rooms = Object.entries(ROOMS).map(([room, sees]) => ({
  name: `room-${room}`,
  comment: `src/${room} sees only: ${sees.join(', ') || 'nothing of ours'}`,
  severity: 'error',
  from: { path: `^src/${room}/`, pathNot: '\\.test\\.ts$' },
  to: {
    path: '^(src|protocols)/',
    pathNot: [`^src/(${[room, ...sees].join('|')})/`, ...(room === 'app' ? ['^protocols/index\\.ts$'] : [])],
  },
}));

module.exports = {
  forbidden: [
    ...rooms,
    {
      name: 'no-cycle',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'plugin-sees-the-sdk',
      comment:
        'A plug-in imports the SDK and its own folder, nothing else; its tests also the testing kit, jest and fast-check.',
      severity: 'error',
      from: { path: '^protocols/([^/]+)/', pathNot: '\\.test\\.ts$|/build\\.ts$' },
      to: { pathNot: ['^protocols/$1/', '^src/sdk/index\\.ts$'] },
    },
    {
      name: 'plugin-tests',
      severity: 'error',
      from: { path: '^protocols/([^/]+)/.*(\\.test\\.ts|/build\\.ts)$' },
      to: {
        pathNot: [
          '^protocols/$1/',
          '^src/sdk/(index|testing)\\.ts$',
          '@jest/globals',
          'fast-check',
          '^protocols/[^/]+/build\\.ts$',
        ],
      },
    },
    {
      name: 'registry-for-app-only',
      severity: 'error',
      from: { path: '^(src|bin)/', pathNot: '^src/app/|\\.test\\.ts$' },
      to: { path: '^protocols/' },
    },
    {
      name: 'terminal-for-cli-only',
      comment: 'commander lives in cli; chalk there and in the console sink.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/|^src/sink/(console|colour)' },
      to: { path: 'node_modules/(commander|chalk|cli-progress)/' },
    },
    {
      name: 'no-dev-dependency-in-product',
      severity: 'error',
      from: { path: '^(src|protocols|bin)/', pathNot: '\\.test\\.ts$|/build\\.ts$|^src/sdk/testing\\.ts$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.mjs', '.json'] },
  },
};
