import { stringify } from 'yaml'

/**
 * The document as YAML 1.1 where the versions differ: many parsers, such as those of Python and
 * Java, would not read an unquoted time as a string.
 */
export function yamlOf(document: object): string {
  return stringify(document, { version: '1.1', aliasDuplicateObjects: false })
}
