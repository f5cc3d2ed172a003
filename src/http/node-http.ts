// Node's http without the rest of it. An `import` of node:http makes Node evaluate each of its names, among them WebSocket,
// which loads a whole HTTP client: 14 MB of memory and 45 ms of CPU at each start, measured on Node 24.
export const { createServer, get, request } = process.getBuiltinModule('node:http')
