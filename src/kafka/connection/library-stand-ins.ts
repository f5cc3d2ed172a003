// Stand-ins for modules that the client library's helpers import but the loaded parts never use (see library-parts.ts).

/** Replaces the JSON schema validator. */
export class Ajv2020 {
  addKeyword(): void {}

  compile(): never {
    throw new Error(
      'a part of the client library that validates options was loaded, but library-parts.ts keeps its validator out',
    )
  }
}

/** Replaces the debug logger, the default export of its module. */
const silent = () => () => {}

// biome-ignore lint/style/noDefaultExport: it stands in for a module that has one
export { silent as default }
