import { stringify } from 'yaml'

/**
 * The document as YAML, in the words of 1.1 where they differ: many readers, those of Python and Java among
 * them, take a time without quotation marks for something else than a string.
 */
export function yamlOf(document: object): string {
  return stringify(document, { version: '1.1', aliasDuplicateObjects: false })
}
