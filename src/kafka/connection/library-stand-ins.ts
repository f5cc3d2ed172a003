// Stand in for what the client library's helpers import and nothing we load of it asks for (see library-parts.ts).

/** In the place of its JSON schema validator. */
export class Ajv2020 {
  addKeyword(): void {}

  compile(): never {
    throw new Error(
      'a part of the client library that validates options was loaded, but library-parts.ts keeps its validator out',
    )
  }
}

/** In the place of its debug log, which is that module's default. */
const silent = () => () => {}

// biome-ignore lint/style/noDefaultExport: it stands in for a module that has one
export { silent as default }
