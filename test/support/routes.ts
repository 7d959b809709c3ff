import type { TestServer } from './helper.ts'

/**
 * Every route of the router as `METHOD /path/{id}`, sorted. HEAD goes with GET, and `GET /verify`
 * stands for every method there and below: test/tokens/verify.test.ts tries them all.
 */
export function routesOf({ app }: Pick<TestServer, 'app'>): string[] {
  const parents: string[] = []
  const routes: string[] = []
  for (const line of app.printRoutes({ commonPrefix: false }).split('\n')) {
    const [, indent = '', part = '', methods = ''] = /^(.*)[├└]── (\S+) \((.+)\)$/.exec(line) ?? []
    if (part === '') continue
    parents.splice(indent.length / 4, parents.length, part)
    const path = parents.join('').replaceAll(/:(\w+)/g, '{$1}')
    for (const method of methods.split(', ')) routes.push(`${method} ${path}`)
  }
  const isPlain = (route: string) =>
    !route.startsWith('HEAD ') && (route === 'GET /verify' || !route.includes(' /verify'))
  return routes.filter(isPlain).sort()
}
