// node:http without `import`, which evaluates every exported name. One of them, WebSocket, loads a whole HTTP client: 14 MB of
// memory and 45 ms of CPU at each start, measured on Node 24.
export const { createServer, get, request } = process.getBuiltinModule('node:http')
