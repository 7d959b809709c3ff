import type { ComponentType } from 'preact'
import { Loaded, useLoad } from './ui/index.ts'

type Pages = Record<string, ComponentType>

/** Pages whose script is loaded when the first of them is opened. */
export function laterPages(paths: string[], load: () => Promise<Pages>): Pages {
  let loaded: Pages | undefined

  function later(path: string): ComponentType {
    return function Later() {
      const state = useLoad(async () => {
        loaded ??= await load()
        return loaded
      }, [])
      const Page = loaded?.[path]
      if (Page) return <Page />
      return (
        <main id="main" class="page page-wide">
          <Loaded load={state}>{() => null}</Loaded>
        </main>
      )
    }
  }

  return Object.fromEntries(paths.map((path) => [path, later(path)]))
}
