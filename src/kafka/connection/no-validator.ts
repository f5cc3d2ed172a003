// Stands in for the client library's JSON schema validator, which nothing we load of it asks for (see library-parts.ts).
export class Ajv2020 {
  addKeyword(): void {}

  compile(): never {
    throw new Error(
      'a part of the client library that validates options was loaded: library-parts.ts keeps its validator out',
    )
  }
}
